#ifndef TOLLGATE_COPENSSL_H
#define TOLLGATE_COPENSSL_H
#include <openssl/crypto.h>
#include <openssl/sha.h>
#endif
