#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/node.h"
#include "manifest/pictures.h"

namespace wanspool::yaml {

// An input picture, as JobRequest has it; a local one with what is known of it.
struct Image {
  std::string text;
  std::shared_ptr<Picture const> local = {};
};
// http(s)://…, data:…, oss://…, job:NAME#K, or a path. Complains where it returns nothing. `pictures`: none
// where a local one has no place.
std::optional<Image> read_image(View value, Pictures* pictures, Complaints& complaints);

// Complains if so many pictures cannot be given to the model in this mode.
bool check_image_count(Model const& model, Mode const& mode, std::size_t count, View where,
                       Complaints& complaints);

}  // namespace wanspool::yaml
