/* Between the files of places: a file's tokens, and fields in them. A token
 * is named by its index; 0 is "none" where an opening one cannot be meant. */
#ifndef QUOTH_SCRIPT_PLACES_OWN_H
#define QUOTH_SCRIPT_PLACES_OWN_H

#include "script/places/lex.h"
#include "script/places/places.h"

struct outline {
	const struct file *file;
	struct token      *tokens;
	uint32_t           count, cap;
	uint32_t          *tables;      /* each { in it */
	uint32_t           table_count, table_cap;
	uint64_t           patience;    /* fields to look at in wide searches */
};

/* Is the token this mark or word? False behind the end. */
bool places_is(const struct outline *outline, uint32_t at, const char *text);
struct span places_text(const struct outline *outline, uint32_t at);

/* Calls in `a.b(x):c{y} "z"`. */
struct chain {
	uint32_t at;                    /* the next token */
	uint32_t name;                  /* of the call: the last name; 0: none */
	uint32_t args;                  /* of the call: ( { or a string */
};

/* Does such an expression begin here? */
bool places_chain(const struct outline *outline, uint32_t at,
    struct chain *chain);
bool places_call(const struct outline *outline, struct chain *chain);
/* Can what ends at this token be called? */
bool places_callable(const struct outline *outline, uint32_t at);

enum field_key { FIELD_ITEM, FIELD_NAMED, FIELD_COMPUTED };
enum field_value { VALUE_IS_TEXT, VALUE_IS_PLAIN, VALUE_IS_NIL,
	VALUE_IS_TABLE, VALUE_IS_FUNCTION, VALUE_IS_ANY };

struct field {
	enum field_key   key_kind;
	enum field_value kind;
	uint32_t         key;           /* of FIELD_NAMED */
	uint32_t         first, last;   /* its value */
};

/* The fields of a constructor: `*at` is its { to begin with. */
bool places_field(const struct outline *outline, uint32_t open, uint32_t *at,
    struct field *field);
/* One value from `first` on up to a comma or closing mark. */
void places_value(const struct outline *outline, uint32_t first,
    uint32_t end, struct field *field);

/* Children by key; of a list, in their order. */
struct child {
	struct node *node;
	uint32_t     key, first, last;  /* the field that it is; first 0: none */
	enum field_value kind;
};
struct children { struct child *rows; uint32_t count; bool by_key; };

struct children places_children(const struct node *node, struct arena *arena);

/* Could the constructor at `open` have made a table of these children? With
 * `whole`: all of them, and each field costs patience. */
bool places_like(struct outline *outline, uint32_t open,
    const struct node *node, const struct children *children, bool whole,
    struct arena *arena);
struct span places_key(const struct outline *outline, uint32_t key,
    struct arena *arena);

/* Gives `node`, and all in it, the places of that value. */
void places_give(const struct outline *outline, struct node *node,
    const struct field *value, struct arena *arena);

#endif
