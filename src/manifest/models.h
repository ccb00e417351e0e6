#pragma once

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// The rows of a map by the models' names, read strictly: a key that is missing is as wrong as one that is not
// known. A row that was complained of is among them, as far as it could be read.
Models read_rows_of_models(View map, Complaints& complaints);

}  // namespace wanspool::yaml
