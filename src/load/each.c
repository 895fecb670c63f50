/*
 * each: a table, one reported scenario for each row. A list of maps, a map of
 * lists (every combination), or a CSV file (RFC 4180, first line the names).
 */
#include "load/loader.h"

#include "base/limits.h"

enum { COLUMNS_MAX = 64 };

struct table {
	struct maker *maker;
	bool        (*call)(void *who, const struct row *row);
	void         *who;
	uint32_t      rows;
};

static bool
too_many(struct table *table, const struct node *at)
{
	build_error(&table->maker->build, at, DIAG_ID_limit,
	    "more than %d rows", LIMIT_ROWS);
	return false;
}

/* A cell's text for the id: "alice@example.test", or a list with blanks. */
static void
id_add(struct buf *id, const struct name *name)
{
	const struct node *list = name->list;

	(void)buf_add_text(id, id->len > 0 ? ", " : "");
	if (list == NULL)
		(void)buf_add(id, name->text);
	for (const struct node *child = list == NULL ? NULL : list->first;
	    child != NULL; child = child->next)
		(void)buf_addf(id, "%s%.*s", child == list->first ? "" : " ",
		    SPAN_ARG(child->text));
}

static bool
column_check(struct table *table, struct loc at, struct span column)
{
	struct diags *diags = table->maker->build.diags;

	if (name_built_in(table->maker->loader, column)) {
		diag_error(diags, DIAG_ID_redefined, at,
		    "'%s' is a built-in name", diag_word(diags, column));
		return false;
	}
	if (span_is(column, "file")) {
		diag_error(diags, DIAG_ID_redefined, at,
		    "'file' is no name for a column: { file: cases.csv } "
		    "reads a table");
		return false;
	}
	return name_check(diags, at, column, "a column");
}

/* A cell in a scope; the type of a parameter of its name holds for it. NULL
 * after a diagnostic. */
static struct name *
cell_add(struct table *table, struct scope *scope, struct span column,
    struct loc at, const struct node *value)
{
	struct build build = table->maker->build;
	const struct name *there = scope_find(build.scope, column);
	struct name *name;
	bool late;

	if (!column_check(table, at, column))
		return NULL;
	name = scope_add(scope, build.arena, column, NAME_STATIC);
	if (value->kind != NODE_SCALAR) {
		name->list = value;
		return name;
	}
	build.late = build.pending = build.secret = false;
	if (!build_text(&build, value, &name->text, &late))
		return NULL;
	name->secret = build.secret;
	if (build.pending)
		name->kind = NAME_PENDING;
	if (build.late) {
		build_error(&build, value, DIAG_ID_bad_value,
		    "a row must be known before the dialogue starts");
		return NULL;
	}
	if (there != NULL && there->by != NULL && !build.pending &&
	    !param_fits(table->maker->loader, there->by, name->text, value))
		return NULL;
	return name;
}

static struct scope *
scope_new(struct table *table)
{
	struct scope *scope = arena_alloc(table->maker->build.arena,
	    sizeof *scope);

	scope->up = table->maker->build.scope;
	return scope;
}

static bool
row_give(struct table *table, struct scope *scope, struct buf *id,
    const struct node *at)
{
	struct row row = { scope, arena_copy(table->maker->build.arena,
	    buf_span(id)), at->loc };

	buf_free(id);
	if (++table->rows > LIMIT_ROWS)
		return too_many(table, at);
	return table->call(table->who, &row);
}

static bool
list_row(struct table *table, const struct node *map)
{
	struct scope *scope = scope_new(table);
	struct buf    id = buf_new(LIMIT_SCALAR);

	if (map->kind != NODE_MAP || map->count == 0) {
		build_error(&table->maker->build, map, DIAG_ID_wrong_type,
		    "a row is a map of columns, such as { code: 250 }");
		return false;
	}
	for (const struct node *cell = map->first; cell != NULL;
	    cell = cell->next) {
		const struct name *name = cell_add(table, scope, cell->key,
		    cell->key_loc, cell);

		if (name == NULL) {
			buf_free(&id);
			return false;
		}
		if (cell == map->first)
			id_add(&id, name);
	}
	return row_give(table, scope, &id, map);
}

/* Every combination: the last column turns fastest. */
static bool
combine(struct table *table, const struct node *column, struct scope *scope,
    const struct buf *id)
{
	const struct node *list = build_resolve(&table->maker->build, column);

	if (list->kind != NODE_LIST || list->count == 0) {
		build_error(&table->maker->build, column, DIAG_ID_wrong_type,
		    "the column '%.*s' needs a list of values",
		    SPAN_ARG(column->key));
		return false;
	}
	for (const struct node *cell = list->first; cell != NULL;
	    cell = cell->next) {
		struct scope *inner = scope_new(table);
		struct buf    text = buf_new(LIMIT_SCALAR);
		const struct name *name;
		bool          fine;

		inner->up = scope;
		(void)buf_add(&text, buf_span(id));
		name = cell_add(table, inner, column->key, column->key_loc,
		    cell);
		if (name == NULL) {
			buf_free(&text);
			return false;
		}
		id_add(&text, name);
		if (column->next == NULL)
			fine = row_give(table, inner, &text, cell);
		else
			fine = combine(table, column->next, inner, &text);
		buf_free(&text);
		if (!fine)
			return false;
	}
	return true;
}

/* One field off the front; *last: its line ends behind it. */
static bool
field_cut(struct span *rest, struct buf *field, bool *last)
{
	size_t at = 0;
	bool   quoted = span_starts(*rest, SPAN("\"")), closed = false;

	buf_clear(field);
	if (quoted) {
		for (at = 1; at < rest->len; at++) {
			closed = rest->ptr[at] == '"' && (++at >= rest->len ||
			    rest->ptr[at] != '"');
			if (closed)
				break;
			if (!buf_add_octet(field, rest->ptr[at]))
				return false;
		}
		if (!closed)
			return false;
	} else {
		while (at < rest->len && rest->ptr[at] != ',' &&
		    rest->ptr[at] != '\n' && rest->ptr[at] != '\r')
			at++;
		if (!buf_add(field, span_sub(*rest, 0, at)))
			return false;
	}
	if (at < rest->len && rest->ptr[at] == '\r')
		at++;
	*last = at >= rest->len || rest->ptr[at] == '\n';
	if (!*last && rest->ptr[at] != ',')
		return false;
	*rest = span_from(*rest, at + 1);
	return true;
}

static bool
csv_broken(struct table *table, const struct node *at, uint32_t line,
    const char *why)
{
	build_error(&table->maker->build, at, DIAG_ID_bad_value,
	    "line %u of the CSV file: %s", line, why);
	return false;
}

static bool
csv_row(struct table *table, const struct node *at, struct span *rest,
    const struct span *columns, uint32_t count, uint32_t line)
{
	struct arena *arena = table->maker->build.arena;
	struct scope *scope = scope_new(table);
	struct buf    field = buf_new(LIMIT_EXPANDED);
	struct buf    id = buf_new(LIMIT_EXPANDED);
	const struct name *there;
	bool          last = false, fine = true, fits = true;
	uint32_t      i = 0;

	for (; fine && i < count && !last; i++) {
		struct name *name;

		fine = field_cut(rest, &field, &last);
		name = scope_add(scope, arena, columns[i], NAME_STATIC);
		name->text = arena_copy(arena, buf_span(&field));
		if (i == 0)
			(void)buf_add(&id, name->text);
		there = scope_find(table->maker->build.scope, columns[i]);
		fits = fits && (!fine || there == NULL || there->by == NULL ||
		    param_fits(table->maker->loader, there->by, name->text,
		    at));
	}
	buf_free(&field);
	if (fine && i == count && last && fits)
		return row_give(table, scope, &id, at);
	buf_free(&id);
	return fits && csv_broken(table, at, line, fine ?
	    "another number of fields than the first line" :
	    "a quote is not closed, or text stands behind one");
}

static bool
csv_names(struct table *table, const struct node *at,
    const struct span *columns, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!column_check(table, at->loc, columns[i]))
			return false;
		for (uint32_t j = 0; j < i; j++)
			if (span_eq(columns[i], columns[j]))
				return csv_broken(table, at, 1,
				    "two columns have one name");
	}
	return true;
}

/* A line with nothing on it is no row. */
static bool
csv_empty(struct span *rest)
{
	size_t len = span_starts(*rest, SPAN("\r\n")) ? 2 :
	    span_starts(*rest, SPAN("\n"));

	*rest = span_from(*rest, len);
	return len > 0;
}

static bool
csv_expand(struct table *table, const struct node *node)
{
	struct build *build = &table->maker->build;
	struct span   path, rest, columns[COLUMNS_MAX];
	struct buf    field = buf_new(200);
	uint32_t      count = 0;
	bool          last = false, fine = true;

	if (!build_word(build, node, "the CSV file's name", &path) ||
	    !build->read_file(build, node, path, &rest))
		return false;
	if (span_starts(rest, SPAN("\xef\xbb\xbf")))
		rest = span_from(rest, 3);
	while (fine && !last && count < COLUMNS_MAX) {
		fine = field_cut(&rest, &field, &last);
		columns[count++] = arena_copy(build->arena, buf_span(&field));
	}
	buf_free(&field);
	if (!fine || !last)
		return csv_broken(table, node, 1,
		    "want at most 64 column names");
	if (!csv_names(table, node, columns, count))
		return false;
	for (uint32_t line = 2; rest.len > 0; line++)
		if (!csv_empty(&rest) && !csv_row(table, node, &rest, columns, count, line))
			return false;
	return true;
}

bool
each_expand(struct maker *maker, const struct node *each,
    bool (*call)(void *who, const struct row *row), void *who)
{
	struct table table = { maker, call, who, 0 };
	struct buf   none = buf_new(1);
	const struct node *file = node_get(each, "file");

	if (each->kind == NODE_SCALAR || each->count == 0) {
		build_error(&maker->build, each, DIAG_ID_wrong_type,
		    "each needs a list of rows, or a map of columns");
		return false;
	}
	if (file != NULL && each->kind == NODE_MAP && each->count > 1) {
		build_error(&maker->build, each, DIAG_ID_bad_value,
		    "a table has a file or columns, not both");
		return false;
	}
	if (file != NULL) {
		if (!csv_expand(&table, file))
			return false;
	} else if (each->kind == NODE_MAP) {
		if (!combine(&table, each->first,
		    (struct scope *)maker->build.scope, &none))
			return false;
	} else {
		for (const struct node *map = each->first; map != NULL;
		    map = map->next)
			if (!list_row(&table, map))
				return false;
	}
	if (table.rows == 0)
		build_error(&maker->build, each, DIAG_ID_bad_value,
		    "the table has no rows, so nothing would run");
	return table.rows > 0;
}
