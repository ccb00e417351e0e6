#include "manifest/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "manifest/fields.h"
#include "manifest/manifest.h"
#include "manifest/placeholders.h"

namespace wanspool::yaml {
namespace {

constexpr std::size_t kMostCombinations = 1'000'000;

std::string label_of(View value) {
  return value.is(Node::Kind::Scalar) ? trimmed(value.text()) : std::string{};
}

bool is_axis_name(std::string_view name) {
  return !name.empty() && name.find_first_of("${}:.\n") == std::string_view::npos;
}

// A value of an axis as a person names it in exclude and include: its label, or the value itself.
std::optional<std::size_t> index_of(Matrix::Axis const& axis, std::string const& word) {
  for (std::size_t i = 0; i < axis.values.size(); ++i) {
    auto const& value = axis.values[i];
    if (value.label == word || (value.node.kind == Node::Kind::Scalar && trimmed(value.node.text) == word))
      return i;
  }
  return {};
}

std::vector<std::string> names_of(std::vector<Matrix::Axis> const& axes) {
  std::vector<std::string> names;
  for (auto const& axis : axes) names.push_back(axis.name);
  return names;
}

bool is_list(View value, std::string_view what, Complaints& complaints) {
  if (value.is(Node::Kind::List)) return true;
  complaints.add(value, fmt::format("{} is a list of combinations, such as [ {{ style: ink }} ], not {}",
                                    what, spoken(value)));
  return false;
}

}  // namespace

std::string name_part(std::string_view text, std::size_t position) {
  auto part = normal_name(text);
  return part.empty() ? std::to_string(position) : part;
}

Matrix::Matrix(View matrix, FindFiles const& glob, Complaints& complaints, Complaints& warnings) {
  if (!matrix.is(Node::Kind::Map)) {
    complaints.add(matrix, fmt::format("matrix is a map of axes, such as {{ dish: [noodles, rice] }}, not {}",
                                       spoken(matrix)));
    return;
  }
  auto const before = complaints.count();
  std::optional<View> include, exclude;
  for (std::size_t i = 0; i + 1 < matrix.size(); i += 2) {
    auto const& key = matrix[i].text();
    if (key == "include")
      include = matrix[i + 1];
    else if (key == "exclude")
      exclude = matrix[i + 1];
    else
      read_axis(matrix[i], matrix[i + 1], glob, complaints);
  }
  if (axes_.empty() && complaints.count() == before)
    complaints.add(matrix, "this matrix has no axis; write one: dish: [noodles, rice]");
  if (size() > kMostCombinations) {
    complaints.add(matrix,
                   fmt::format("this matrix has more than {} combinations, and a manifest at most so many "
                               "jobs; split it",
                               kMostCombinations));
    axes_.clear();
    return;
  }
  if (exclude && is_list(*exclude, "exclude", complaints)) read_exclude(*exclude, complaints, warnings);
  if (include && is_list(*include, "include", complaints)) read_include(*include, complaints);
}

void Matrix::read_axis(View key, View values, FindFiles const& glob, Complaints& complaints) {
  Axis axis{key.text(), {}};
  if (!is_axis_name(axis.name))
    complaints.add(key,
                   fmt::format("an axis cannot be called '{}'; take a plain word", shortened(axis.name)));
  if (values.is(Node::Kind::Map) && values.size() == 2 && values[0].text() == "glob") {
    if (!read_files(values[1], glob, axis, complaints)) return void(wrong_axes_.insert(axis.name));
    axes_.push_back(std::move(axis));
    return;
  }
  std::set<std::string> parts;
  auto const add = [&](View at, std::string label, Node const& node) {
    is_uncut(View{node}, "a value", complaints);
    auto part = name_part(label, axis.values.size() + 1);
    if (!parts.insert(part).second)
      return complaints.add(
          at, fmt::format("two values of '{}' give the same name '{}'; name them: {}: {{ LABEL: … }}",
                          axis.name, part, axis.name));
    axis.values.push_back({std::move(label), std::move(part), node});
  };
  if (values.is(Node::Kind::Map)) {
    for (std::size_t i = 0; i + 1 < values.size(); i += 2)
      add(values[i], trimmed(values[i].text()), values[i + 1].node());
  } else if (values.is(Node::Kind::List)) {
    for (std::size_t i = 0; i < values.size(); ++i) add(values[i], label_of(values[i]), values[i].node());
  } else {
    wrong_axes_.insert(axis.name);
    complaints.add(values,
                   fmt::format("the axis '{}' is a list of values, or a map of labels to values, not {}",
                               axis.name, spoken(values)));
    return;
  }
  if (axis.values.empty()) {
    wrong_axes_.insert(axis.name);
    complaints.add(values, fmt::format("the axis '{}' has no values", axis.name));
    return;
  }
  axes_.push_back(std::move(axis));
}

// Its values are the paths of the files, each named by its stem.
bool Matrix::read_files(View pattern, FindFiles const& glob, Axis& axis, Complaints& complaints) const {
  auto const written = read_word(pattern, "glob", complaints);
  if (!written) return false;
  auto const wrong = [&](std::string const& words) { return complaints.add(pattern, words), false; };
  if (written->find('\\') != std::string::npos) return wrong("a path is written with '/', not with '\\'");
  if (!glob) return wrong("files beside the manifest cannot be read here");
  auto const found = glob(*written);
  if (!found.why_not.empty()) return wrong(fmt::format("cannot list '{}': {}", *written, found.why_not));
  if (found.names.empty())
    return wrong(fmt::format(
        "no file fits '{}'; '*' stands for anything within a folder, '**' across folders", *written));
  auto const before = complaints.count();
  std::map<std::string, std::string const*> parts;
  for (auto const& name : found.names) {
    auto part = name_part(std::filesystem::path{name}.stem().string(), axis.values.size() + 1);
    auto const [known, is_new] = parts.try_emplace(part, &name);
    if (!is_new)
      wrong(fmt::format(
          "two files of '{}' give the same name '{}': {} and {}; rename one, or name them: {}: {{ "
          "LABEL: PATH, … }}",
          axis.name, part, *known->second, name, axis.name));
    Node node;
    node.kind = Node::Kind::Scalar;
    node.text = name;
    node.at = kNowhere;
    node.data = true;  // what a file is called is no placeholder
    axis.values.push_back({name, std::move(part), std::move(node)});
  }
  return complaints.count() == before;
}

std::size_t Matrix::size() const {
  std::size_t product = 1;
  for (auto const& axis : axes_) {
    product *= axis.values.size();
    if (product > kMostCombinations) return product;
  }
  return product + includes_.size();
}

void Matrix::complain_of_axis(View key, Complaints& complaints) const {
  if (wrong_axes_.contains(key.text())) return complaints.follow_up();
  complaints.add(key, fmt::format("this matrix has no axis '{}'{}", key.text(),
                                  did_you_mean(key.text(), names_of(axes_))));
}

void Matrix::read_exclude(View list, Complaints& complaints, Complaints& warnings) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto const item = list[i];
    std::vector<std::optional<std::size_t>> wanted(axes_.size());
    bool known = item.is(Node::Kind::Map) && item.size() > 0;
    if (!known) complaints.add(item, fmt::format("exclude wants {{ AXIS: VALUE }}, not {}", spoken(item)));
    for (std::size_t k = 0; known && k + 1 < item.size(); k += 2) {
      auto const axis = std::find_if(axes_.begin(), axes_.end(),
                                     [&](Axis const& each) { return each.name == item[k].text(); });
      if (axis == axes_.end()) {
        complain_of_axis(item[k], complaints);
        known = false;
      } else if (auto const index = index_of(*axis, label_of(item[k + 1]))) {
        wanted[static_cast<std::size_t>(axis - axes_.begin())] = index;
      } else {
        std::vector<std::string> labels;
        for (auto const& value : axis->values) labels.push_back(value.label);
        warnings.add(item[k + 1],
                     fmt::format("this excludes nothing: '{}' has no value {}{}", axis->name,
                                 spoken(item[k + 1]), did_you_mean(label_of(item[k + 1]), labels)));
        known = false;
      }
    }
    if (known) excludes_.push_back(std::move(wanted));
  }
}

void Matrix::read_include(View list, Complaints& complaints) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto const item = list[i];
    std::vector<Value> values;
    bool good = true;
    for (auto const& axis : axes_) {
      auto const value = member(item, axis.name);
      if (!value) {
        complaints.add(
            item, fmt::format("include wants complete combinations, and '{}' is missing here", axis.name));
        break;
      }
      auto const label = label_of(*value);
      if (auto const known = index_of(axis, label))
        values.push_back(axis.values[*known]);
      else
        values.push_back({label, name_part(label, axis.values.size() + 1 + i), value->node()});
    }
    for (std::size_t k = 0; item.is(Node::Kind::Map) && k + 1 < item.size(); k += 2)
      if (auto const names = names_of(axes_);
          std::find(names.begin(), names.end(), item[k].text()) == names.end()) {
        complain_of_axis(item[k], complaints);
        good = false;
      }
    if (good && values.size() == axes_.size()) includes_.push_back(std::move(values));
  }
}

bool Matrix::is_excluded(std::vector<std::size_t> const& indices) const {
  return std::any_of(excludes_.begin(), excludes_.end(), [&](auto const& wanted) {
    for (std::size_t i = 0; i < indices.size(); ++i)
      if (wanted[i] && *wanted[i] != indices[i]) return false;
    return true;
  });
}

void Matrix::each(std::function<bool(Combination const&)> const& take) const {
  for (auto const& axis : axes_)
    if (axis.values.empty()) return;
  std::vector<std::size_t> indices(axes_.size(), 0);
  Combination combination(axes_.size());
  for (bool more = true; more;) {
    for (std::size_t i = 0; i < axes_.size(); ++i) combination[i] = &axes_[i].values[indices[i]];
    if (!is_excluded(indices) && !take(combination)) return;
    more = false;
    for (auto i = axes_.size(); i > 0 && !more; --i) {
      more = ++indices[i - 1] < axes_[i - 1].values.size();
      if (!more) indices[i - 1] = 0;
    }
  }
  for (auto const& include : includes_) {
    for (std::size_t i = 0; i < axes_.size(); ++i) combination[i] = &include[i];
    if (!take(combination)) return;
  }
}

}  // namespace wanspool::yaml
