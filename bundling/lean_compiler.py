"""Run by Lambda's own Python: replaces the sources of a folder by `.pyc` files that hold what runs and nothing else.

``python lean_compiler.py TREE MOUNTED_AT``: no docstrings, no asserts, no annotations, which take room and time and
which nobody reads at run time, and no imports that only they needed. A class keeps the names that it annotates, which
make the fields of a dataclass, and loses their types.
"""

import ast
import importlib.util
import sys
from collections.abc import Container
from importlib._bootstrap_external import _code_to_hash_pyc  # type: ignore[attr-defined]  # as py_compile does
from pathlib import Path

_WITHOUT_DOCSTRINGS = 2


_MEANT = frozenset({"ClassVar", "InitVar", "KW_ONLY"})
"""Types that a dataclass looks for."""


def lean(text: str | bytes, name: str = "<unknown>") -> ast.Module:
    """Return what of a source runs."""
    tree = ast.parse(text, name)
    _Unannotated().visit(tree)
    used = _names(tree)
    tree.body = [kept for statement in tree.body if (kept := _needed(statement, used)) is not None]
    return ast.fix_missing_locations(tree)


class _Unannotated(ast.NodeTransformer):
    """Takes the annotations from modules and functions; of classes, the types."""

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        node.body = [bare for statement in node.body if (bare := _bare(statement)) is not None]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and not _MEANT.intersection(_names(statement.annotation)):
                statement.annotation = ast.Constant(None)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        node.body = [bare for statement in node.body if (bare := _bare(statement)) is not None] or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _needed(statement: ast.stmt, used: Container[str]) -> ast.stmt | None:
    """Leave out of an import the names that nothing uses: no module of ours hands on what it imports."""
    if not isinstance(statement, ast.ImportFrom):
        return statement
    statement.names = [alias for alias in statement.names if (alias.asname or alias.name) in used]
    return statement if statement.names else None


def _bare(statement: ast.stmt) -> ast.stmt | None:
    if not isinstance(statement, ast.AnnAssign):
        return statement
    if statement.value is None:
        return None
    return ast.copy_location(ast.Assign([statement.target], statement.value), statement)


def compiled(source: Path, name: str) -> bytes:
    """Return the `.pyc` of a source, whose tracebacks call it *name*."""
    text = source.read_bytes()
    code = compile(lean(text, name), name, "exec", dont_inherit=True, optimize=_WITHOUT_DOCSTRINGS)
    pyc: bytes = _code_to_hash_pyc(code, importlib.util.source_hash(text), False)  # noqa: FBT003
    return pyc


if __name__ == "__main__":
    tree, mounted_at = map(Path, sys.argv[1:])
    for path in sorted(tree.rglob("*.py")):
        path.with_suffix(".pyc").write_bytes(compiled(path, str(mounted_at / path.relative_to(tree))))
        path.unlink()
