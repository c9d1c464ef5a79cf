#ifndef TOLLGATE_CHIREDIS_H
#define TOLLGATE_CHIREDIS_H
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#endif
