#ifndef TOLLGATE_COPENSSL_H
#define TOLLGATE_COPENSSL_H
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#endif
