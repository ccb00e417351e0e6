#pragma once

#include <functional>
#include <string>

#include "app/names.h"
#include "store/store.h"

// Jobs as the reading commands show them.
namespace wanspool::app {

// Calls `take` with every job that `names` mean, in the order of manifests; false from it stops.
void each_job(Reader& reader, Names& names, std::function<bool(JobRow const&)> const& take);

// MANIFEST/JOB
std::string name_of(JobRow const& row);

// One object, schema 1, no line breaks. With `request` (a body as JSON) the whole of what is known.
std::string job_json(JobRow const& row, Spool const& spool, std::string const& currency,
                     std::string const& request = {});

// Throws Quit 4 that names what has found nothing, with a 'did you mean'.
void refuse_unmatched(Reader& reader, Names const& names);

}  // namespace wanspool::app
