#pragma once

#include <optional>
#include <string>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/fields.h"
#include "manifest/manifest.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// What stands under 'defaults', or nothing.
class Defaults {
 public:
  Defaults() = default;
  // Complains of what can be no default. The node must live as long as this.
  Defaults(Node const& node, Models const& models, Complaints& complaints);

  // As the job at `user` sees it; nothing where there is none.
  std::optional<View> find(std::string_view key, std::size_t user) const;

 private:
  Fields fields_;
};

// One job, merged with the defaults and checked; complains where it returns nothing. `position` counts
// from 1.
std::optional<ManifestJob> read_job(Node const& node, std::size_t position, Defaults const& defaults,
                                    Models const& models, Complaints& complaints);

// The name for an id or a manifest, normalised; `otherwise` where nothing is left of it.
std::optional<std::string> read_name(View value, std::string_view what, std::string const& otherwise,
                                     Complaints& complaints);

// Complains of a model that is not in the table.
Model const* find_model(View value, Models const& models, Complaints& complaints);

}  // namespace wanspool::yaml
