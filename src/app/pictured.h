#pragma once

#include <vector>

#include "app/names.h"
#include "store/store.h"

namespace wanspool::app {

// Words that no job is called by may be names of pictures: adds their jobs, those that are not there yet, and
// tells `names` what has found something. Throws Quit 2 for a picture's name that several jobs have.
void add_pictured(Reader& reader, Names& names, std::vector<JobRow>& jobs);

}  // namespace wanspool::app
