#include "base/memory.h"

#include <malloc.h>

namespace wanspool {

void give_memory_back() {
  malloc_trim(0);
}

}  // namespace wanspool
