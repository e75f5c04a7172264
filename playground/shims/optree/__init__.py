"""The part of optree 0.20 that Keras 3.15 uses, in Python: Pyodide has no optree."""

from collections import OrderedDict, defaultdict, deque

_registered = set()
_dicts = (dict, OrderedDict, defaultdict)
_NAMES = {
    dict: "an instance of dict, collections.OrderedDict, or collections.defaultdict",
    deque: "an instance of collections.deque",
    type(None): "None",
}


def register_pytree_node_class(cls, *, namespace):
    """Let objects of a class be nodes."""
    _registered.add(cls)
    return cls


class PyTreeSpec:
    """A tree without its leaves: how to build a node from its children; a leaf has no `build`."""

    def __init__(self, tree, entries=(), build=None, children=()):
        self.tree, self.entries, self.build, self.children = tree, entries, build, children
        self.num_nodes = 1 + sum(child.num_nodes for child in children)
        self.num_leaves = sum(child.num_leaves for child in children) if build else 1


def _node(tree, none_is_leaf):
    """The children of a node, what leads to each, and how to build it; None for a leaf."""
    kind = type(tree)
    if tree is None:
        return None if none_is_leaf else ([], [], lambda children: None)
    if kind is list or kind is tuple:
        return tree, range(len(tree)), kind
    if kind in _dicts:
        keys = list(tree) if kind is OrderedDict else _sorted(tree)

        def build(children):
            values = dict(zip(keys, children, strict=True))
            inserted = {key: values[key] for key in tree}
            return kind(tree.default_factory, inserted) if kind is defaultdict else kind(inserted)

        return [tree[key] for key in keys], keys, build
    if kind in _registered:
        children, metadata, *entries = tree.tree_flatten()
        children = list(children)
        entries = entries[0] if entries else range(len(children))
        return children, entries, lambda new: kind.tree_unflatten(metadata, new)
    if isinstance(tree, tuple) and hasattr(kind, "_fields"):
        return tree, range(len(tree)), lambda children: kind(*children)
    if kind is deque:
        return tree, range(len(tree)), lambda children: deque(children, tree.maxlen)
    return None


def _sorted(keys):
    try:
        return sorted(keys)
    except TypeError:
        pass
    try:
        return sorted(keys, key=lambda key: (_full_name(type(key)), key))
    except TypeError:
        return list(keys)


def _full_name(cls):
    return f"{cls.__module__}.{cls.__qualname__}"


def tree_is_leaf(tree, *, none_is_leaf=False, namespace=""):
    """Whether a tree is a leaf."""
    return _node(tree, none_is_leaf) is None


def tree_flatten_with_path(tree, is_leaf=None, *, none_is_leaf=False, namespace=""):
    """The path of each leaf, the leaves, and the tree without them."""
    paths, leaves = [], []

    def flatten(tree, path):
        node = None if is_leaf and is_leaf(tree) else _node(tree, none_is_leaf)
        if node is None:
            paths.append(path)
            leaves.append(tree)
            return PyTreeSpec(tree)
        children, entries, build = node
        pairs = zip(children, entries, strict=True)
        specs = [flatten(child, (*path, entry)) for child, entry in pairs]
        return PyTreeSpec(tree, entries, build, specs)

    spec = flatten(tree, ())
    return paths, leaves, spec


def tree_flatten(tree, is_leaf=None, *, none_is_leaf=False, namespace=""):
    """The leaves, and the tree without them."""
    return tree_flatten_with_path(tree, is_leaf, none_is_leaf=none_is_leaf)[1:]


def tree_paths(tree, is_leaf=None, *, none_is_leaf=False, namespace=""):
    """The path of each leaf."""
    return tree_flatten_with_path(tree, is_leaf, none_is_leaf=none_is_leaf)[0]


def tree_unflatten(treespec, leaves):
    """The tree with these leaves. Raises ValueError where they are too few or too many."""
    leaves = list(leaves)
    if len(leaves) != (wanted := treespec.num_leaves):
        got = f", got: {len(leaves)}" if len(leaves) < wanted else ""
        amount = "few" if got else "many"
        raise ValueError(f"Too {amount} leaves for PyTreeSpec; expected: {wanted}{got}.")
    following = iter(leaves)

    def unflatten(spec):
        return spec.build(map(unflatten, spec.children)) if spec.build else next(following)

    return unflatten(treespec)


def tree_map(func, tree, *rests, is_leaf=None, none_is_leaf=False, namespace=""):
    """Map over the leaves of the first tree; the others may go on below them."""
    leaves, spec = tree_flatten(tree, is_leaf, none_is_leaf=none_is_leaf)
    others = [_flatten_up_to(spec, rest, none_is_leaf) for rest in rests]
    return tree_unflatten(spec, [func(*alike) for alike in zip(leaves, *others, strict=True)])


def _flatten_up_to(spec, tree, none_is_leaf):
    if not spec.build:
        return [tree]
    found = []  # from the right, as optree does, which shows where two children are wrong
    for below, child in zip(
        spec.children[::-1], _children(spec, tree, none_is_leaf)[::-1], strict=True
    ):
        found = _flatten_up_to(below, child, none_is_leaf) + found
    return found


def _children(spec, tree, none_is_leaf):
    """The children of a tree that must be like another, in the order of that other's."""
    kind = type(spec.tree)
    if kind in _dicts:
        if type(tree) not in _dicts:
            raise ValueError(f"Expected {_NAMES[dict]}, got {tree!r}.")
        if tree.keys() != spec.tree.keys():
            missing, extra = spec.tree.keys() - tree.keys(), tree.keys() - spec.tree.keys()
            more = f", missing key(s): {_sorted(missing)}" if missing else ""
            more += f", extra key(s): {_sorted(extra)}" if extra else ""
            raise ValueError(
                f"dictionary key mismatch; expected key(s): {list(spec.entries)}, "
                f"got key(s): {_sorted(tree)}{more}; {kind.__name__}: {tree!r}."
            )
        return [tree[key] for key in spec.entries]
    if type(tree) is not kind:
        if kind in _registered:
            raise ValueError(
                f"Custom node type mismatch; expected type: {kind}, got type: {type(tree)}; "
                f"value: {tree!r}."
            )
        name = _NAMES.get(kind, f"an instance of {kind.__name__}")
        name = "an instance of collections.namedtuple" if hasattr(kind, "_fields") else name
        raise ValueError(f"Expected {name}, got {tree!r}.")
    children, wanted = list(_node(tree, none_is_leaf)[0]), len(spec.children)
    if len(children) != wanted:
        custom = kind in _registered
        raise ValueError(
            f"{'Custom type' if custom else kind.__name__} arity mismatch; expected: {wanted}, "
            f"got: {len(children)}; {'value' if custom else kind.__name__}: {tree!r}."
        )
    return children


def __getattr__(name):
    raise AttributeError(f"optree.{name} isn't available in the browser")
