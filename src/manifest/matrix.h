#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "manifest/complaints.h"
#include "manifest/manifest.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// The axes of one job, and which of their combinations are wanted: all of them, the last axis fastest, but
// for those that `exclude` names, and after them those of `include`.
class Matrix {
 public:
  struct Value {
    std::string label;  // as written: of a map of values its key, else the value itself
    std::string part;   // of the job's name
    Node node;
  };
  struct Axis {
    std::string name;
    std::vector<Value> values;
  };
  using Combination = std::vector<Value const*>;  // one value of each axis

  Matrix() = default;  // one empty combination
  // Complains of what is wrong; `warnings` hears of an exclude that excludes nothing.
  Matrix(View matrix, FindFiles const& glob, Complaints& complaints, Complaints& warnings);

  std::vector<Axis> const& axes() const { return axes_; }
  // Those that have been complained of and are left out.
  std::set<std::string, std::less<>> const& wrong_axes() const { return wrong_axes_; }
  std::size_t size() const;
  // In order, until `take` says no.
  void each(std::function<bool(Combination const&)> const& take) const;

 private:
  void complain_of_axis(View key, Complaints& complaints) const;
  void read_axis(View key, View values, FindFiles const& glob, Complaints& complaints);
  bool read_files(View pattern, FindFiles const& glob, Axis& axis, Complaints& complaints) const;
  void read_exclude(View list, Complaints& complaints, Complaints& warnings);
  void read_include(View list, Complaints& complaints);
  bool is_excluded(std::vector<std::size_t> const& indices) const;

  std::vector<Axis> axes_;
  std::set<std::string, std::less<>> wrong_axes_;
  std::vector<std::vector<std::optional<std::size_t>>> excludes_;  // by axis; none: any value
  std::vector<std::vector<Value>> includes_;                       // by axis
};

// The part of a name for a value's text: the stem of a file; its position where nothing is left of it.
std::string name_part(std::string_view text, std::size_t position);

}  // namespace wanspool::yaml
