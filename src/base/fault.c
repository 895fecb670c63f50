/* Faults are values; nothing is allocated for them. */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>

bool
fault_set(struct fault *fault, enum fault_class class, const char *format, ...)
{
	va_list args;

	fault->class = class;
	fault->loc = (struct loc){ 0 };
	va_start(args, format);
	(void)vsnprintf(fault->text, sizeof fault->text, format, args);
	va_end(args);
	return false;
}
