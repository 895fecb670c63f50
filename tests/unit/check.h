/* cmocka with its includes, and goldens. */
#ifndef QUOTH_TESTS_CHECK_H
#define QUOTH_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
