// @ts-check

/** @template {keyof HTMLElementTagNameMap} Name
 *  @param {Name} name
 *  @param {Partial<HTMLElementTagNameMap[Name]>} properties
 *  @param {(Node | string)[]} children
 *  @returns {HTMLElementTagNameMap[Name]} a new element */
export function make(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
