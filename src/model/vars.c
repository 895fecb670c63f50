/*
 * Values by slot. A slot keeps its memory when it is set again, so that a
 * scenario that captures in a loop allocates once.
 */
#include "model/vars.h"

#include "base/limits.h"
#include "base/mem.h"

#include <inttypes.h>
#include <sys/random.h>
#include <time.h>

void
vars_init(struct vars *vars, uint32_t count, uint64_t seed, struct span id)
{
	*vars = (struct vars){ .count = count, .random = seed, .id = id };
}

void
vars_free(struct vars *vars)
{
	for (uint32_t i = 0; vars->slots != NULL && i < vars->count; i++)
		mem_free(vars->slots[i].ptr);
	mem_free(vars->slots);
	vars->slots = NULL;
}

/* A script's names are known when it comes to them. */
static void
vars_grow(struct vars *vars, uint32_t count)
{
	vars->slots = mem_resize(vars->slots, count * sizeof *vars->slots);
	memset(vars->slots + vars->count, 0,
	    (count - vars->count) * sizeof *vars->slots);
	vars->count = count;
}

bool
vars_set(struct vars *vars, uint32_t slot, struct span value)
{
	struct var *var;

	if (value.len > LIMIT_EXPANDED || slot >= LIMIT_SLOTS)
		return false;
	if (vars->slots == NULL)
		vars->slots = mem_alloc(vars->count * sizeof *vars->slots);
	if (slot >= vars->count)
		vars_grow(vars, slot + 1);
	var = &vars->slots[slot];
	if (value.len > var->cap) {
		var->ptr = mem_resize(var->ptr, value.len);
		var->cap = (uint32_t)value.len;
	}
	if (value.len > 0)
		memmove(var->ptr, value.ptr, value.len);
	var->len = (uint32_t)value.len;
	var->set = true;
	return true;
}

void
vars_unset(struct vars *vars, uint32_t slot)
{
	if (vars->slots != NULL && slot < vars->count)
		vars->slots[slot].set = false;
}

bool
vars_get(const struct vars *vars, uint32_t slot, struct span *value)
{
	const struct var *var;

	if (vars->slots == NULL || slot >= vars->count)
		return false;
	var = &vars->slots[slot];
	*value = (struct span){ var->ptr == NULL ? "" : var->ptr, var->len };
	return var->set;
}

/* SplitMix64: small, seedable, good enough for test data. */
static uint64_t
draw(struct vars *vars)
{
	uint64_t z;

	if (!vars->drawn)
		vars->random = span_hash(vars->id) ^
		    (vars->random * UINT64_C(0x9e3779b97f4a7c15));
	vars->drawn = true;
	z = vars->random += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* RFC 9562 5.4. */
static bool
add_uuid(struct vars *vars, struct buf *out)
{
	uint64_t half[2];

	if (getrandom(half, sizeof half, 0) != (ssize_t)sizeof half) {
		half[0] = draw(vars);
		half[1] = draw(vars);
	}
	half[0] = (half[0] & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
	half[1] = (half[1] & ~(UINT64_C(3) << 62)) | (UINT64_C(2) << 62);
	return buf_addf(out, "%08x-%04x-%04x-%04x-%012" PRIx64,
	    (unsigned)(half[0] >> 32), (unsigned)(half[0] >> 16 & 0xffff),
	    (unsigned)(half[0] & 0xffff), (unsigned)(half[1] >> 48),
	    half[1] & UINT64_C(0xffffffffffff));
}

/* RFC 5322 3.3. Not strftime's %a and %b, which follow the locale. */
static bool
add_date(struct buf *out)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t    now = time(NULL);
	struct tm tm;
	long      zone;

	if (localtime_r(&now, &tm) == NULL)
		return false;
	zone = tm.tm_gmtoff / 60;
	return buf_addf(out, "%.3s, %d %.3s %d %02d:%02d:%02d %c%02ld%02ld",
	    days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    zone < 0 ? '-' : '+', (zone < 0 ? -zone : zone) / 60,
	    (zone < 0 ? -zone : zone) % 60);
}

bool
vars_fresh(struct vars *vars, enum fresh what, struct buf *out)
{
	switch (what) {
	case FRESH_UUID:
		return add_uuid(vars, out);
	case FRESH_DATE:
		return add_date(out);
	case FRESH_TIMESTAMP:
		return buf_addf(out, "%lld", (long long)time(NULL));
	case FRESH_RANDOM:
		return buf_addf(out, "%" PRIu64, draw(vars) >> 32);
	}
	return false;
}
