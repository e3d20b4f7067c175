#include "include/cradd.h"

int radd_level(void) { return 0; }
