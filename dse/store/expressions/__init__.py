"""What a question may say, as expressions of SQL: columns, arithmetic, lists and conditions."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.store.expressions.terms import AGGREGATES as AGGREGATES
    from dse.store.expressions.terms import Term as Term
    from dse.store.expressions.terms import read_term as read_term
    from dse.store.expressions.values import types_of as types_of
    from dse.store.expressions.values import value_of as value_of
    from dse.store.expressions.vocabulary import BUILTIN_TYPES as BUILTIN_TYPES
    from dse.store.expressions.vocabulary import FIRST_COLUMNS as FIRST_COLUMNS
    from dse.store.expressions.vocabulary import FORMULAS as FORMULAS
    from dse.store.expressions.vocabulary import SCOPE_COLUMNS as SCOPE_COLUMNS
    from dse.store.expressions.vocabulary import Vocabulary as Vocabulary
    from dse.store.expressions.vocabulary import read_vocabulary as read_vocabulary
    from dse.store.expressions.vocabulary import scope_value as scope_value
    from dse.store.expressions.where_clauses import where_clause as where_clause

_HOMES = {
    "dse.store.expressions.terms": ("AGGREGATES", "Term", "read_term"),
    "dse.store.expressions.values": ("types_of", "value_of"),
    "dse.store.expressions.vocabulary": (
        *("BUILTIN_TYPES", "FIRST_COLUMNS", "FORMULAS", "SCOPE_COLUMNS", "Vocabulary"),
        *("read_vocabulary", "scope_value"),
    ),
    "dse.store.expressions.where_clauses": ("where_clause",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
