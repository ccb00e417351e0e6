#pragma once

#include <optional>
#include <string>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/node.h"

namespace wanspool::yaml {

struct Verbatim {
  std::string model;
  std::string json;  // keys sorted, no needless space; as written but for a missing number of pictures
  int pictures = 0;
  std::string mode = {};  // of the model's row
};

// `request:`, the API's own body. Parameters that the model's row does not have are left to the service;
// those it has, the messages and the pictures are checked as in any other job. Complains where it returns
// nothing.
std::optional<Verbatim> read_verbatim(View request, Models const& models, Complaints& complaints);

}  // namespace wanspool::yaml
