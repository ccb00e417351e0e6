#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.h"
#include "manifest/complaints.h"
#include "manifest/fields.h"
#include "manifest/node.h"

// What says how a job is: the job itself, over it what overrides say, and below it the defaults.
namespace wanspool::yaml {

// What stands under 'defaults', or nothing.
class Defaults {
 public:
  Defaults() = default;
  // Complains of what can be no default. The node must live as long as this.
  Defaults(Node const& node, Models const& models, Complaints& complaints);

  // They could not be read at all: nobody knows what jobs lack.
  bool are_unknown() const { return unknown_; }
  // As the job at `user` sees it; nothing where there is none.
  std::optional<View> find(std::string_view key, std::size_t user) const;

 private:
  Fields fields_;
  bool unknown_ = false;
};

// What stands under 'overrides': patterns over the names of jobs, and keys that go over the job's own.
class Overrides {
 public:
  Overrides() = default;
  // Complains of what can be no override. The node must live as long as this.
  Overrides(Node const& node, Models const& models, Complaints& complaints);

  // Those that match, or that name something above, the last one written first.
  std::vector<Fields const*> matching(std::string_view job);
  bool empty() const { return all_.empty(); }
  void warn_of_unused(Complaints& warnings) const;

 private:
  struct One {
    std::string pattern;
    std::size_t at;
    Fields fields;
    bool used = false;
  };
  std::vector<One> all_;
};

struct Layers {
  View job;  // where a complaint goes that has no better place
  Fields const* own = nullptr;
  Defaults const* defaults = nullptr;
  std::vector<Fields const*> overrides = {};

  // The topmost; null takes away what lies below it.
  std::optional<View> find(std::string_view key) const;
  // As find(), the defaults left out.
  Field const* find_own(std::string_view key) const;

  struct Given {
    Field field;
    bool own = true;  // not a default
  };
  // Key by key: of each parameter the topmost.
  std::vector<Given> parameters(Complaints& complaints) const;
};

}  // namespace wanspool::yaml
