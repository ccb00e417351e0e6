#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// The address of an input picture: http(s)://…, data:… or oss://…. Complains where it returns nothing.
std::optional<std::string> read_image(View value, Complaints& complaints);

// Complains if so many pictures cannot be given to the model in this mode.
bool check_image_count(Model const& model, Mode const& mode, std::size_t count, View where,
                       Complaints& complaints);

}  // namespace wanspool::yaml
