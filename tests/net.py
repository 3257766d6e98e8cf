"""The second net: inside a request of a company, each statement on a company's table must be bound to that company.

The walk looks for what leaks; this looks at the SQL itself, so it also sees a forgotten scope that happens to show
nothing. Every alias of a company's table in a statement (also in its subqueries) must be *held*. It is held by

1. its company column equal to the request's company, or null (what belongs to the installation: the mail relay);
2. a key (primary, foreign, or any UUID) equal to a value that an earlier statement of this request read from a held
   alias or inserted: a row that was fetched in scope may be changed and followed, one that a request only names not;
3. a key that is IN a subquery which reads that key from a held alias;
4. a join over two columns of the same key with a held alias. Rows of one company point at rows of that company alone
   (triggers of each app's rules.py see to it), so a foreign key may be followed both ways;
5. OWN, the few columns that name a person, equal to the request's user. That holds these rows and the companies one
   is a member of, and nothing through them: who works in two companies does not see both in one page.

Cards (customers, organisations and what hangs on them) belong to a workspace: their workspace column, or a row of the
company that points at them, holds them. They hold cards, and no row of a company: "the invoices of this customer" are
also a sister's. Of an OR each branch must hold; NOT holds nothing. A person, a workspace or a company named in a row
passes nothing on.

What a subquery says holds its own aliases alone. A row that is inserted must name the request's company, and rows that
it points at must be known as in 2; rows handed over as JSON (config.bulk.insert_rows) are not looked into. What looks
further on purpose stands in FURTHER.
"""

import re
import uuid
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import NamedTuple

import sqlglot
from django.apps import apps
from django.db import connection, models
from sqlglot import exp

from recipients import scope
from recipients.models import Company, Member, User, Workspace

NOTHING, CARD, PERSON, COMPANY = range(4)  # how an alias is held, as by 5 for PERSON
OWN = {
    ("recipients_member", "user_id"),  # where one is a member: the switcher, and the door itself
    ("distribution_notification_read_by", "user_id"),  # what one has read, taken away from what a company tells
    ("distribution_mailtest", "by_id"),  # how many tests one asked for: the limit is a person's
}

# (table, what its statement holds): why it may look further.
FURTHER = {
    (
        "distribution_delivery",
        r'FROM "distribution_installation"',
    ): "the sender's health: when the oldest is due",
    ("distribution_connection", r'^SELECT "distribution_connection"."folder"'): (
        "whether a folder of a server is another company's: the form refuses it, and says no more"
    ),
    ("recipients_company", r'^SELECT [^"]+ AS "a" FROM "recipients_company" WHERE \([."a-z_]+"workspace_id"'): (
        "whether there are sisters at all, so that a page of a card says whom a change concerns"
    ),
    ("invoicing_invoice", r'^SELECT COUNT\(\*\) AS "__count" FROM \S+ WHERE \S+"(customer|organisation)_id" = %s$'): (
        "how many invoices point at a card of the workspace: it is not deleted from under a sister"
    ),
    (
        "invoicing_invoice",
        r'^SELECT COUNT\(\S+\) AS "n" FROM "recipients_invoicereference" .* WHERE \S+"organisation_id" = %s$',
    ): ("the same for its references"),
}


class Leak(AssertionError):
    """A statement that is not bound to the request's company."""


# --- What the tables are ----------------------------------------------------------------------------------------------


@cache
def tables():
    """{table: COMPANY or CARD}; Company's own table is a company's, found by its id."""
    found = {Company._meta.db_table: COMPANY}
    everything = apps.get_models(include_auto_created=True)

    def links(model):
        return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]

    for model in everything:
        owners = {field.related_model: field for field in links(model)}
        if Workspace in owners and model is not Company:
            found[model._meta.db_table] = CARD
        elif Company in owners and not owners[Company].null:
            found[model._meta.db_table] = COMPANY
    grew = True
    while grew:  # what hangs on those: lines of an invoice, preferences of a card
        grew = False
        for model in everything:
            pointed = {found.get(f.related_model._meta.db_table, NOTHING) for f in links(model) if owner_of(f)}
            level = COMPANY if COMPANY in pointed else CARD if CARD in pointed else NOTHING
            if level and model._meta.db_table not in found:
                found[model._meta.db_table] = level
                grew = True
    found["distribution_connection"] = COMPANY  # its company is null for one row, the relay
    return found


def owner_of(field):
    """Whether this key says whose a row is. A nullable one to a company does not: a preference may be narrowed."""
    return not field.null or (field.related_model is not Company and field.model._meta.app_label == "recipients")


@cache
def keys():
    """{(table, column): table that its values are keys of}; "" for a UUID that points at any row."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            place = (model._meta.db_table, field.column)
            if isinstance(field, models.ForeignKey):
                found[place] = field.related_model._meta.db_table
            elif field.primary_key:
                found[place] = model._meta.db_table
            elif isinstance(field, models.UUIDField):
                found[place] = ""
    return found


def passes(table):
    """How far a value that is a key of `table` can hold whoever has it too."""
    if table in (User._meta.db_table, Workspace._meta.db_table, Company._meta.db_table):
        return NOTHING
    return tables().get(table, NOTHING) if table else COMPANY


# --- A statement, read once -------------------------------------------------------------------------------------------


class Column(NamedTuple):
    alias: tuple  # (number of the SELECT, name): names are only unique within one
    table: str
    column: str

    @property
    def target(self):
        """The table that it is a key of, "" for any, None when it is no key."""
        return keys().get((self.table, self.column))


class Statement(NamedTuple):
    aliases: dict  # {alias: table}
    facts: list  # all true at once
    reads: list  # Column or None, of the first SELECT's or RETURNING's columns
    subqueries: dict  # {id of a SELECT: its one Column or None}
    writes: list  # [(Column, number of an argument)] of INSERT and UPDATE
    inserts: str  # table, or ""


ARGUMENT = re.compile(r"%%|(?<=IN )\(%s(?:, %s)*\)|%s")


def arguments(sql, params):
    """The statement with numbered arguments (a list in IN is one), and their values."""
    values, left = [], iter(params or ())

    def number(found):
        text = found.group()
        if text == "%%":
            return "%"
        n = text.count("%s")
        values.append([next(left) for _ in range(n)] if text != "%s" else next(left))
        name = f"'@{len(values) - 1}@'"
        return f"({name})" if text != "%s" else name

    return ARGUMENT.sub(number, sql), values


def argument(node):
    """The number of an argument, through casts; None for anything else."""
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    if isinstance(node, exp.Literal) and (found := re.fullmatch(r"@(\d+)@", str(node.this))):
        return int(found[1])
    return None


@lru_cache(maxsize=5000)
def read(sql):
    """A Statement, or None for what touches no company's table (savepoints, sessions, the queue)."""
    if not any(f'"{table}"' in sql for table in tables()):
        return None
    tree = sqlglot.parse_one(sql, dialect="postgres")
    reader = Reader()
    reader.statement(tree)
    return Statement(reader.aliases, reader.facts, reader.reads, reader.subqueries, reader.writes, reader.inserts)


class Reader:
    def __init__(self):
        self.aliases, self.facts, self.reads, self.subqueries, self.writes = {}, [], [], {}, []
        self.inserts = ""
        self.number = 0

    def statement(self, tree):
        if isinstance(tree, exp.Insert):
            return self.insert(tree)
        if isinstance(tree, exp.Update | exp.Delete):
            return self.change(tree)
        self.reads = self.query(tree, {})
        return None

    def query(self, tree, outer):
        """Read a SELECT or several joined by UNION; returns what it reads, as of the first."""
        found = [self.select(node, outer) for node in own_selects(tree)]
        return found[0] if len(found) == 1 else [None] * len(found[0])

    def select(self, node, outer):
        names = dict(outer)
        self.number += 1
        here = self.number
        source = node.args.get("from_") or node.args.get("from")
        joins = node.args.get("joins") or []
        for place in ([source.this] if source else []) + [join.this for join in joins]:
            self.source(here, place, names, outer)
        for join in joins:
            if on := join.args.get("on"):
                is_outer = join.side in ("LEFT", "FULL")
                only = names.get(join.this.alias_or_name) if is_outer else None
                found = self.condition(on, names)
                self.true(here, [("only", only[0], fact) if only else fact for fact in found])
        if where := node.args.get("where"):
            self.true(here, self.condition(where.this, names))
        self.rest(node, names)
        return [self.column(e.unalias() if isinstance(e, exp.Alias) else e, names) for e in node.expressions]

    def true(self, here, facts):
        """Facts of one SELECT hold its own aliases: in a NOT EXISTS they say nothing of those outside."""
        self.facts += [("within", here, fact) for fact in facts]

    def source(self, here, place, names, outer):
        if isinstance(place, exp.Table):
            alias = (here, place.alias_or_name)
            self.aliases[alias] = place.name
            names[place.alias_or_name] = (alias, place.name)
        elif isinstance(place, exp.Subquery):
            self.query(place.this, outer)
            names[place.alias_or_name] = ((here, place.alias_or_name), "")

    def rest(self, node, names):
        """Subqueries that are no condition: in the list of columns, in ORDER BY."""
        for part, value in node.args.items():
            if part in ("from", "from_", "with", "with_", "joins", "where"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, exp.Expression):
                    self.below(child, names)
        if ways := node.args.get("with_") or node.args.get("with"):
            for way in ways.expressions:
                self.query(way.this, {})

    def below(self, node, names):
        if id(node) in self.subqueries:
            return
        if isinstance(node, exp.Query) and not isinstance(node, exp.Subquery):
            read = self.query(node, names)
            self.subqueries[id(node)] = read[0] if read else None
            return
        for child in node.iter_expressions():
            self.below(child, names)

    def condition(self, node, names):
        """The facts that are all true when the condition is."""
        if isinstance(node, exp.Paren):
            return self.condition(node.this, names)
        if isinstance(node, exp.And):
            return self.condition(node.left, names) + self.condition(node.right, names)
        if isinstance(node, exp.Or):
            return [("or", self.condition(node.left, names), self.condition(node.right, names))]
        if isinstance(node, exp.EQ):
            left, right = self.column(node.left, names), self.column(node.right, names)
            if left and right:
                return [("link", left, right)]
            self.below(node, names)
            for one, other in ((left, node.right), (right, node.left)):
                if one and argument(other) is not None:
                    return [("value", one, argument(other))]
                if one and (inner := self.inner(other)):
                    return [("link", one, inner, "in")]
            return []
        if isinstance(node, exp.In):
            one = self.column(node.this, names)
            self.below(node, names)
            if query := node.args.get("query"):
                inner = self.inner(query)
                return [("link", one, inner, "in")] if one and inner else []
            numbers = [argument(each) for each in node.expressions]
            if one and None not in numbers:
                return [("values", one, numbers)]
            return []
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            one = self.column(node.this, names)
            return [("null", one)] if one else []
        if isinstance(node, exp.Exists):
            self.below(node, names)
            return []
        self.below(node, names)
        return []

    def inner(self, node):
        while isinstance(node, exp.Subquery | exp.Paren):
            node = node.this
        return self.subqueries.get(id(node))

    def column(self, node, names):
        while isinstance(node, exp.Cast | exp.Paren):
            node = node.this
        if not isinstance(node, exp.Column) or node.table not in names:
            return None
        alias, table = names[node.table]
        return Column(alias, table, node.name) if table else None

    def insert(self, tree):
        schema = tree.this
        table = schema.this if isinstance(schema, exp.Schema) else schema
        alias = (0, table.name)
        self.aliases[alias], self.inserts = table.name, table.name
        columns = [Column(alias, table.name, each.name) for each in schema.expressions]
        source = tree.expression
        if isinstance(source, exp.Values):
            for row in source.expressions:
                cells = row.expressions if isinstance(row, exp.Tuple) else [row]
                self.writes += [(c, argument(cell)) for c, cell in zip(columns, cells, strict=True)]
        elif source is not None:
            read, select = self.query(source, {}), next(own_selects(source))
            if isinstance(select.expressions[0], exp.Star):  # config.bulk wraps what it compiled
                source = (select.args.get("from_") or select.args["from"]).this.this
                read, select = self.query(source, {}), next(own_selects(source))
            cells = select.expressions
            for column, inner, cell in zip(columns, read, cells, strict=True):
                if column.column == "company_id" and inner:
                    self.facts.append(("link", column, inner, "in"))
                self.writes.append((column, argument(cell)))
        self.returning(tree, {table.name: (alias, table.name)})

    def change(self, tree):
        table = tree.this
        alias = (0, table.alias_or_name)
        names = {table.alias_or_name: (alias, table.name)}
        self.aliases[alias] = table.name
        for each in tree.expressions if isinstance(tree, exp.Update) else []:
            if isinstance(each, exp.EQ):
                self.writes.append((Column(alias, table.name, each.this.name), argument(each.expression)))
                self.below(each.expression, names)
        if where := tree.args.get("where"):
            self.true(0, self.condition(where.this, names))
        self.returning(tree, names)

    def returning(self, tree, names):
        if found := tree.args.get("returning"):
            self.reads = [self.column(each, names) for each in found.expressions]


def own_selects(tree):
    """The SELECTs of a query that may be a UNION, without those inside them."""
    if isinstance(tree, exp.Select):
        yield tree
    elif isinstance(tree, exp.SetOperation):
        yield from own_selects(tree.left)
        yield from own_selects(tree.right)
    elif isinstance(tree, exp.Subquery | exp.Paren):
        yield from own_selects(tree.this)


# --- A request, statement by statement --------------------------------------------------------------------------------


def plain(value):
    """A key as it is compared: the databases give UUIDs in three ways."""
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, str) and re.fullmatch(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", value):
        return value.replace("-", "").lower()
    return value


class Watch:
    """What one request has read, and what its next statement may therefore touch."""

    def __init__(self, request):
        self.company = plain(request.company.pk)
        self.workspace = plain(request.company.workspace_id)
        self.user = plain(request.user.pk)
        self.known = {}  # {(table or "", key): level}

    def learn(self, column, value, level):
        level = min(level, passes(column.target))
        value = plain(value)
        if level and value is not None:
            place = ("" if isinstance(value, str) else column.target, value)
            self.known[place] = max(level, self.known.get(place, NOTHING))

    def level_of(self, column, value):
        """How far the condition `column = value` holds the column's alias."""
        value, target = plain(value), column.target
        if target == Company._meta.db_table and not is_card(column.table):
            return COMPANY if value == self.company else NOTHING
        if target == Workspace._meta.db_table:
            return CARD if value == self.workspace and is_card(column.table) else NOTHING
        if (column.table, column.column) in OWN:
            return PERSON if value == self.user else NOTHING
        if target is None:
            return NOTHING
        return self.known.get(("" if isinstance(value, str) else target, value), NOTHING)

    def check(self, statement, values, sql):
        """The levels of its aliases; raises Leak."""
        levels = dict.fromkeys(statement.aliases, NOTHING)
        if statement.inserts:
            levels[0, statement.inserts] = tables().get(statement.inserts, COMPANY)
        grew = True
        while grew:
            grew = False
            for fact in statement.facts:
                for alias, level in self.holds(fact, values, levels).items():
                    level = min(level, tables().get(statement.aliases.get(alias), level))
                    if level > levels.get(alias, NOTHING):
                        levels[alias] = level
                        grew = True
        for alias, table in statement.aliases.items():
            if levels[alias] < needed(table) and not may_look_further(table, sql):
                raise Leak(f"{table} ({alias[1]}) is not bound to the company of the request")
        for column, number in statement.writes:
            self.check_written(column, None if number is None else values[number])
        if statement.inserts:
            for column, number in statement.writes:
                if number is not None and column.target == statement.inserts:
                    self.learn(column, values[number], COMPANY)
        return levels

    def check_written(self, column, value):
        if value is None or column.table not in tables():
            return
        if column.target == Company._meta.db_table and plain(value) != self.company:
            raise Leak(f"{column.table}.{column.column} names another company than the request's")
        wanted = passes(column.target) if column.target else NOTHING
        if column.target != column.table and wanted > self.level_of(column, value):
            raise Leak(f"{column.table}.{column.column} points at a row that was not read in scope")

    def holds(self, fact, values, levels):
        """{alias: level} that one fact gives."""
        kind, *parts = fact
        if kind == "or":
            sides = [self.all_of(side, values, levels) for side in parts]
            return {alias: min(side.get(alias, NOTHING) for side in sides) for alias in sides[0]}
        if kind == "within":
            number, inner = parts
            return {alias: level for alias, level in self.holds(inner, values, levels).items() if alias[0] == number}
        if kind == "only":
            only, inner = parts
            return {alias: level for alias, level in self.holds(inner, values, levels).items() if alias == only}
        if kind == "null":
            (column,) = parts
            is_company = column.column == "company_id" and tables().get(column.table) == COMPANY
            return {column.alias: COMPANY} if is_company else {}
        if kind == "value":
            column, number = parts
            return {column.alias: self.level_of(column, values[number])}
        if kind == "values":
            column, numbers = parts
            given = [v for n in numbers for v in (values[n] if isinstance(values[n], list) else [values[n]])]
            return {column.alias: min((self.level_of(column, v) for v in given), default=COMPANY)}
        one, other, *is_in = parts
        if one.target is None or other.target is None or (one.target and other.target and one.target != other.target):
            return {}
        given = {}
        for source, reached in ((other, one), (one, other)):
            if source is one and is_in:
                break  # an alias outside does not hold the rows of the subquery
            is_same_company = source.column == reached.column == "company_id"
            top = COMPANY if is_same_company else passes(source.target or reached.target)
            if source.target == Workspace._meta.db_table and is_card(reached.table):
                top = CARD
            if source.target == Company._meta.db_table and tables().get(source.table) == COMPANY:
                top = COMPANY
            level = levels.get(source.alias, NOTHING)
            if level == PERSON:
                is_door = (source.table, reached.table) == (Member._meta.db_table, Company._meta.db_table)
                given[reached.alias] = PERSON if is_door else NOTHING
            else:
                given[reached.alias] = min(level, top)
        return given

    def all_of(self, facts, values, levels):
        found = {}
        for fact in facts:
            for alias, level in self.holds(fact, values, levels).items():
                found[alias] = max(level, found.get(alias, NOTHING))
        return found


def is_card(table):
    return tables().get(table) == CARD


def needed(table):
    """How far an alias of this table must be held."""
    personal = {Company._meta.db_table, *(table for table, _column in OWN)}
    return PERSON if table in personal else tables().get(table, NOTHING)


def may_look_further(table, sql):
    return any(table == named and re.search(shape, sql) for named, shape in FURTHER)


class Net:
    """Statements that were not bound, as they came; `seen` counts those that were looked at."""

    def __init__(self):
        self.watch, self.leaks, self.seen = None, [], 0

    def __call__(self, execute, sql, params, many, context):
        statement = None
        if self.watch and not many:
            text, values = arguments(sql, params)
            if statement := read(text):
                self.seen += 1
                try:
                    levels = self.watch.check(statement, values, sql)
                except Leak as leak:
                    self.leaks.append(f"{leak}: {sql[:600]}")
                    statement = None
        result = execute(sql, params, many, context)
        if statement:
            self.listen(context["cursor"], statement, levels)
        return result

    def listen(self, cursor, statement, levels):
        """Learn from the rows as the caller fetches them."""
        watch = self.watch
        wanted = [
            (place, column, levels.get(column.alias, NOTHING))
            for place, column in enumerate(statement.reads)
            if column and column.target is not None
        ]
        wanted = [entry for entry in wanted if entry[2]]

        def learn(row):
            for place, column, level in wanted:
                watch.learn(column, row[place], level)
            return row

        for name in ("fetchmany", "fetchall", "fetchone"):
            fetch = getattr(cursor.cursor, name)
            if name == "fetchone":
                setattr(cursor, name, lambda fetch=fetch: (row := fetch()) and learn(row))
            else:
                setattr(cursor, name, lambda *given, fetch=fetch: [learn(row) for row in fetch(*given)])


@contextmanager
def spread():
    """Watch every request of a company while this lasts; yields the Net."""
    net = Net()
    enter, call = scope.enter, scope.CompanyScope.__call__

    def entered(request, slug):
        if is_open := enter(request, slug):
            net.watch = Watch(request)
        return is_open

    def called(self, request):
        try:
            return call(self, request)
        finally:
            net.watch = None

    scope.enter, scope.CompanyScope.__call__ = entered, called
    try:
        with connection.execute_wrapper(net):
            yield net
    finally:
        scope.enter, scope.CompanyScope.__call__ = enter, call
