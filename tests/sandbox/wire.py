"""Check requests and objects against the type annotations of the installed `stripe` package.

Stripe generates those annotations from its OpenAPI document. They are read with `ast` and taken strictly: an unknown
field, a missing one, or a value outside an enumeration is a problem.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import stripe

PACKAGE = Path(stripe.__file__).parent
PRIMITIVES = {"str": str, "int": int, "float": (int, float), "bool": bool, "Decimal": str}
ANYTHING = {"Any", "object", "dict", "StripeObject", "UntypedStripeObject", "Dict"}
OBJECTS = {
    "billing_portal.configuration": "billing_portal._configuration",
    "billing_portal.session": "billing_portal._session",
    "checkout.session": "checkout._session",
    "item": "_line_item",
    "line_item": "_invoice_line_item",
    "test_helpers.test_clock": "test_helpers._test_clock",
}


@dataclass(frozen=True)
class Module:
    tops: dict[str, ast.AST]
    imports: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Scope:
    """Where a name is looked up: a module, inside nested classes. `is_form`: values are strings of a form."""

    module: str
    classes: tuple[ast.ClassDef, ...] = ()
    is_form: bool = False


@cache
def load(name: str) -> Module:
    tree = ast.parse(PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py").read_text())
    imports = {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    tops: dict[str, ast.AST] = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    tops |= {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    return Module(tops, imports)


def object_problems(obj: Any) -> list[str]:
    """Say what is wrong with an object that came over the wire."""
    kind = obj["object"]
    if obj.get("deleted"):
        return [] if set(obj) == {"id", "object", "deleted"} else [f"{kind}: more than a deleted object"]
    module = "stripe." + OBJECTS.get(kind, f"_{kind}")
    wanted = kind.rpartition(".")[2].replace("_", "")
    name = next(n for n in load(module).tops if n.lower() in {wanted, f"invoice{wanted}", f"line{wanted}"})
    return [f"{kind}{p}" for p in _problems(obj, ast.Name(name), Scope(module), "")]


def request_problems(method: str, path: str, params: dict[str, Any]) -> list[str]:
    """Say what is wrong with the decoded parameters of a request."""
    found = _operation(method.lower(), path)
    if found is None:
        return [f"{method} {path}: the SDK knows no such operation"]
    module, annotation = found
    if annotation is None:
        return [f"{path}: takes no parameters"] if params else []
    return [f"{method} {path}{p}" for p in _problems(params, annotation, Scope(module, is_form=True), "")]


@cache
def _operation(method: str, path: str) -> tuple[str, ast.expr | None] | None:
    segment = path.split("/")[2]
    exact = None
    for file in sorted(PACKAGE.rglob("*_service.py")):
        source = file.read_text()
        if f'"/v1/{segment}' not in source:
            continue
        module = ".".join(("stripe", *file.relative_to(PACKAGE).with_suffix("").parts))
        for function in (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)):
            for verb, template in _calls(function):
                pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
                if verb == method and re.fullmatch(pattern, path) and (exact is None or template == path):
                    annotations = (a.annotation for a in function.args.args if a.arg == "params")
                    exact = module, next(annotations, None)
    return exact


def _calls(function: ast.FunctionDef) -> list[tuple[str, str]]:
    calls = []
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_request":
            target = node.args[1].func.value if isinstance(node.args[1], ast.Call) else node.args[1]  # type: ignore[attr-defined]
            calls.append((node.args[0].value, target.value))  # type: ignore[attr-defined]
    return calls


def _problems(value: Any, node: ast.AST | None, scope: Scope, path: str) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _problems(value, _parsed(node.value), scope, path)
    if isinstance(node, ast.Constant) and node.value is None:
        return [] if value is None else [f"{path}: should be null"]
    if isinstance(node, ast.BinOp):
        return _best(value, [node.left, node.right], scope, path)
    if isinstance(node, ast.Subscript):
        return _generic(value, node, scope, path)
    if isinstance(node, ast.Attribute):
        return _named(value, node.attr, scope, path)
    if isinstance(node, ast.Name):
        return _named(value, node.id, scope, path)
    raise TypeError(ast.dump(node) if node else "no annotation")


@cache
def _parsed(annotation: str) -> ast.expr:
    return ast.parse(annotation, mode="eval").body


def _generic(value: Any, node: ast.Subscript, scope: Scope, path: str) -> list[str]:
    head, inner = getattr(node.value, "id", getattr(node.value, "attr", "")), node.slice
    if head in {"NotRequired", "Required"}:
        return _problems(value, inner, scope, path)
    if head == "Optional":
        return [] if value is None else _problems(value, inner, scope, path)
    if head == "Literal":
        return _literal(value, inner, scope, path)
    if head == "Union":
        return _best(value, inner.elts, scope, path)  # type: ignore[attr-defined]
    if head == "ExpandableField":
        return [] if isinstance(value, str) else _problems(value, inner, scope, path)
    if head in {"List", "Sequence"}:
        return _list(value, inner, scope, path)
    if head in {"Dict", "Mapping", "UntypedStripeObject"}:
        if not isinstance(value, dict):
            return [f"{path}: should be an object"]
        of = inner.elts[1] if isinstance(inner, ast.Tuple) else inner
        return [p for key, item in value.items() for p in _problems(item, of, scope, f"{path}[{key}]")]
    if head == "ListObject":
        return _list_object(value, inner, scope, path)
    raise TypeError(f"{path}: {head}")


def _literal(value: Any, inner: ast.expr, scope: Scope, path: str) -> list[str]:
    allowed = [e.value for e in (inner.elts if isinstance(inner, ast.Tuple) else [inner])]  # type: ignore[attr-defined]
    if value in allowed or (scope.is_form and value in map(str, allowed)):
        return []
    return [f"{path}: {value!r} is not one of {allowed[:6]}"]


def _list(value: Any, inner: ast.expr, scope: Scope, path: str) -> list[str]:
    items = list(value.values()) if scope.is_form and isinstance(value, dict) else value
    if not isinstance(items, list):
        return [f"{path}: should be a list"]
    return [p for i, item in enumerate(items) for p in _problems(item, inner, scope, f"{path}[{i}]")]


def _list_object(value: Any, inner: ast.expr, scope: Scope, path: str) -> list[str]:
    if not isinstance(value, dict) or set(value) != {"object", "data", "has_more", "url"}:
        return [f"{path}: is no list object"]
    return [p for i, item in enumerate(value["data"]) for p in _problems(item, inner, scope, f"{path}.data[{i}]")]


def _best(value: Any, options: list[ast.expr], scope: Scope, path: str) -> list[str]:
    names = [getattr(o, "id", "") for o in options]
    literals = [o for o in options if isinstance(o, ast.Subscript) and getattr(o.value, "id", "") == "Literal"]
    # `Literal[…] | str` keeps old clients working; what is not listed is a mistake all the same.
    if "str" in names and any("Constant(value='')" not in ast.dump(literal) for literal in literals):
        options = [o for o in options if getattr(o, "id", "") != "str"]
    return min((_problems(value, option, scope, path) for option in options), key=len)


def _named(value: Any, name: str, scope: Scope, path: str) -> list[str]:
    if name in ANYTHING:
        return []
    if name in PRIMITIVES:
        return [] if _fits(value, name, scope) else [f"{path}: {value!r} is no {name}"]
    for depth in range(len(scope.classes), 0, -1):
        for node in scope.classes[depth - 1].body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return _members(value, node, Scope(scope.module, (*scope.classes[:depth], node), scope.is_form), path)
    module = load(scope.module)
    if name in module.tops:
        top = module.tops[name]
        if isinstance(top, ast.ClassDef):
            return _members(value, top, Scope(scope.module, (top,), scope.is_form), path)
        return _problems(value, top, scope, path)
    source, original = module.imports[name]
    return _named(value, original, Scope(source, (), scope.is_form), path)


def _fits(value: Any, name: str, scope: Scope) -> bool:
    if scope.is_form:
        patterns = {"int": r"-?\d+", "float": r"-?\d+(\.\d+)?", "bool": "true|false", "Decimal": r"-?\d+(\.\d+)?"}
        return isinstance(value, str) and re.fullmatch(patterns.get(name, r"(?s).*"), value) is not None
    return isinstance(value, PRIMITIVES[name]) and (name == "bool" or not isinstance(value, bool))  # type: ignore[arg-type]


def _members(value: Any, node: ast.ClassDef, scope: Scope, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: should be an object"]
    fields = _fields(node)
    known = fields.keys() | ({"expand"} if scope.is_form else set())
    found = [f"{path}.{name}: is not known" for name in value if name not in known]
    found += [f"{path}.{name}: is missing" for name, a in fields.items() if name not in value and _is_needed(name, a, scope)]
    return found + [p for name, a in fields.items() if name in value for p in _problems(value[name], a, scope, f"{path}.{name}")]


@cache
def _fields(node: ast.ClassDef) -> dict[str, ast.expr]:
    found = {n.target.id: n.annotation for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
    return {name: annotation for name, annotation in found.items() if not name.startswith("_") and name != "OBJECT_NAME"}


def _is_needed(name: str, annotation: ast.expr, scope: Scope) -> bool:
    head = getattr(annotation.value, "id", "") if isinstance(annotation, ast.Subscript) else ""
    return head != ("NotRequired" if scope.is_form else "Optional") and name != "deleted"
