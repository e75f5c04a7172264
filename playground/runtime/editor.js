// @ts-check
// The editor of a program: CodeMirror, with what the shape comments really are at the line's end.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, drawSelection, keymap } from "@codemirror/view";
import { tagHighlighter, tags } from "@lezer/highlight";

/** @typedef {{line: number, text: string, kind: "same" | "other" | "error"}} Note at a line's end */

// The classes that the page's own code has, so that the colors are the same.
const colors = tagHighlighter([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.moduleKeyword], class: "k" },
  { tag: [tags.bool, tags.null], class: "kc" },
  { tag: tags.comment, class: "c1" },
  { tag: tags.string, class: "s1" },
  { tag: tags.number, class: "mi" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.function(tags.propertyName)], class: "nf" },
  { tag: tags.definition(tags.className), class: "nc" },
  { tag: [tags.operator, tags.arithmeticOperator, tags.definitionOperator], class: "o" },
  { tag: tags.punctuation, class: "p" },
]);

class NoteWidget extends WidgetType {
  /** @param {Note} note */
  constructor(note) {
    super();
    this.note = note;
  }
  /** @param {NoteWidget} other */
  eq(other) {
    return other.note.text === this.note.text && other.note.kind === this.note.kind;
  }
  toDOM() {
    const made = document.createElement("span");
    made.className = `run-note run-note--${this.note.kind}`;
    made.textContent = this.note.text;
    return made;
  }
}

/** @type {import("@codemirror/state").StateEffectType<Note[]>} */
const setNotes = StateEffect.define();

/** @type {import("@codemirror/state").StateField<import("@codemirror/view").DecorationSet>} */
const notesField = StateField.define({
  create: () => Decoration.none,
  update(notes, change) {
    let now = notes.map(change.changes);
    for (const effect of change.effects) {
      if (effect.is(setNotes)) {
        const lines = change.state.doc.lines;
        const known = effect.value.filter((note) => note.line <= lines).sort((a, b) => a.line - b.line);
        now = Decoration.set(
          known.map((note) =>
            Decoration.widget({ widget: new NoteWidget(note), side: 1 }).range(change.state.doc.line(note.line).to),
          ),
        );
      }
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/**
 * @param {object} options
 * @param {string} options.code
 * @param {string} options.label for screen readers
 * @param {() => void} options.onRun for Ctrl+Enter, or Cmd+Enter
 * @param {() => void} options.onChange
 */
export function createEditor({ code, label, onRun, onChange }) {
  const runs = { key: "Mod-Enter", run: () => (onRun(), true) };
  const view = new EditorView({
    state: EditorState.create({
      doc: code,
      extensions: [
        Prec.highest(keymap.of([runs])),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        history(),
        drawSelection(),
        bracketMatching(),
        indentUnit.of("    "),
        pythonLanguage,
        syntaxHighlighting(colors),
        notesField,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && onChange()),
      ],
    }),
  });
  return {
    dom: view.dom,
    code: () => view.state.doc.toString(),
    /** @param {string} text */
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    /** @param {Note[]} notes */
    annotate: (notes) => view.dispatch({ effects: setNotes.of(notes) }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
