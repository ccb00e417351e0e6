#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/layers.h"
#include "manifest/manifest.h"
#include "manifest/node.h"
#include "manifest/scope.h"

namespace wanspool::yaml {

// The texts of prompts that stand in files of their own; the last ones read are kept.
class PromptFiles {
 public:
  explicit PromptFiles(FindFile const& find) : find_{find} {}
  // Complains at `where` if it cannot be read.
  std::string const* read(View where, std::string const& written, Complaints& complaints);

 private:
  FindFile const& find_;
  std::map<std::string, std::string> texts_;
};

// One job with everything filled in; complains of what is wrong. Sets the request, the number of pictures and
// their place.
void read_request(Layers const& layers, Filler& filler, Models const& models, PromptFiles& prompts,
                  Complaints& complaints, ManifestJob& job);

// The name for an id or a manifest, normalised; `otherwise` where nothing is left of it.
std::optional<std::string> read_name(View value, std::string_view what, std::string const& otherwise,
                                     Complaints& complaints);

// Complains of a model that is not in the table.
Model const* find_model(View value, Models const& models, Complaints& complaints);

}  // namespace wanspool::yaml
