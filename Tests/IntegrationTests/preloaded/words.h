/* The file that a preloaded library counts in: mapped and shared, so that who started the program reads along. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Maps `size` bytes of the file that an environment variable names. Without it the program ends. */
static inline void *map_words(const char *variable, size_t size)
{
    const char *path = getenv(variable);
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        abort();
    void *words = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (words == MAP_FAILED)
        abort();
    close(file);
    return words;
}
