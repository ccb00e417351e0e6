#include "manifest/scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "manifest/fields.h"
#include "manifest/placeholders.h"
#include "manifest/syntax.h"

namespace wanspool::yaml {
namespace {

constexpr int kDeepest = 20;                   // fragments in fragments
constexpr std::size_t kMostSteps = 100'000;    // of one value; a prompt has a handful
constexpr std::size_t kLongestText = 1 << 20;  // a prompt has two thousand characters

Node scalar(std::string text, bool plain) {
  Node node;
  node.kind = Node::Kind::Scalar;
  node.plain = plain;
  node.text = std::move(text);
  return node;
}

Node const& resolved(Node const& node) {
  return node.target ? *node.target : node;
}

Node const* member_of(Node const& map, std::string_view name) {
  if (map.kind != Node::Kind::Map) return nullptr;
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2)
    if (resolved(map.items[i]).text == name) return &resolved(map.items[i + 1]);
  return nullptr;
}

// "a.b.c" below a map; a key that holds dots itself goes first.
Node const* path_in(Node const& map, std::string_view path) {
  if (auto const* const found = member_of(map, path)) return found;
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
    if (auto const* const head = member_of(map, path.substr(0, dot)))
      if (auto const* const found = path_in(*head, path.substr(dot + 1))) return found;
  return nullptr;
}

// Of a text that names a file.
std::optional<std::string> part_of_file(std::string_view text, std::string_view part) {
  std::filesystem::path const path{text};
  if (part == "stem") return path.stem().string();
  if (part == "name") return path.filename().string();
  if (part == "dir") return path.parent_path().string();
  return {};
}

Scope::Found here(Node node, bool data) {
  return {Scope::Found::Kind::Here, std::move(node), data};
}

Scope::Found below(Node const& value, std::string_view tail, bool data) {
  if (auto const* const found = path_in(value, tail)) return here(*found, data);
  if (value.kind == Node::Kind::Scalar)
    if (auto part = part_of_file(value.text, tail)) return here(scalar(std::move(*part), false), true);
  return {};
}

bool is_empty(Node const& node) {
  return node.kind == Node::Kind::Null || (node.kind == Node::Kind::Scalar && trimmed(node.text).empty());
}

// It stands in the manifest where its placeholder does, and nothing in it is filled in again.
void settle(Node& node, std::size_t at) {
  if (node.target) node = Node{*node.target};
  node.at = at;
  node.data = true;
  for (auto& each : node.items) settle(each, at);
}

// Where in the source the placeholder stands that is at `offset` of the value; the value itself where escapes
// hide it.
std::size_t place_of(Node const& from, std::size_t offset, Text const& text) {
  if (from.at == kNowhere) return from.at;
  auto const source = text.bytes();
  std::string_view const written = from.text;
  auto at = source.find("${", from.at);
  for (auto each = written.find("${"); each < offset && at != source.npos;
       each = written.find("${", each + 2))
    at = source.find("${", at + 2);
  auto const end = std::min(written.find_first_of("} \n", offset), written.size());
  bool const found = at != source.npos && at <= from.at + 2 * written.size() + 1000 &&
                     source.substr(at).starts_with(written.substr(offset, end - offset));
  return found ? at : from.at;
}

bool needs_filling(Node const& node) {
  auto const& value = resolved(node);
  if (value.kind == Node::Kind::Scalar) return !value.data && has_placeholder(value.text);
  return std::any_of(value.items.begin(), value.items.end(), needs_filling);
}

}  // namespace

Scope::Found Scope::find(std::string_view name) const {
  if (auto found = find_whole(name); found.kind != Found::Kind::Unknown) return found;
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1))
    if (auto found = find_field(name.substr(0, dot), name.substr(dot + 1));
        found.kind != Found::Kind::Unknown)
      return found;
  return {row_is_open ? Found::Kind::Missing : Found::Kind::Unknown};
}

Scope::Found Scope::find_whole(std::string_view name) const {
  for (auto const& axis : axes)
    if (*axis.name == name) return here(*axis.value, false);
  if (row != nullptr) {
    if (auto const* const found = member_of(*row, name)) return here(*found, row_is_data);
    bool const may_be =
        columns != nullptr && std::find(columns->begin(), columns->end(), name) != columns->end();
    if (may_be) return {Found::Kind::Missing, {}, false, true};
  }
  if (fragments != nullptr)
    if (auto const found = fragments->find(name); found != fragments->end())
      return here(found->second, false);
  if (name == "job") return here(scalar(job, false), true);
  if (name == "manifest") return here(scalar(manifest, false), true);
  if (name == "take") return here(scalar(std::to_string(take), true), true);
  return {};
}

Scope::Found Scope::find_field(std::string_view head, std::string_view tail) const {
  for (auto const& axis : axes) {
    if (*axis.name != head) continue;
    auto found = below(*axis.value, tail, false);
    if (found.kind != Found::Kind::Here && tail == "label") return here(scalar(*axis.label, false), true);
    return found;
  }
  if (row == nullptr) return {};
  if (auto const* const value = member_of(*row, head)) return below(*value, tail, row_is_data);
  if (head != "row") return {};
  if (auto const* const value = path_in(*row, tail)) return here(*value, row_is_data);
  bool const may_be =
      columns != nullptr && std::find(columns->begin(), columns->end(), tail) != columns->end();
  return {may_be || row_is_open ? Found::Kind::Missing : Found::Kind::Unknown, {}, false, true};
}

bool Scope::is_given(std::string_view name) const {
  auto const is = [](std::string_view word) { return [=](auto const& each) { return each == word; }; };
  for (auto const word : {name, name.substr(0, name.find('.'))}) {
    if (std::any_of(axes.begin(), axes.end(), [&](Axis const& axis) { return *axis.name == word; }))
      return true;
    if (columns != nullptr && std::any_of(columns->begin(), columns->end(), is(word))) return true;
    if (fragments != nullptr && fragments->contains(word)) return true;
  }
  return false;
}

bool Scope::is_wrong(std::string_view name) const {
  for (auto const* const wrong : {wrong_fragments, wrong_axes}) {
    if (wrong == nullptr || wrong->empty()) continue;
    if (wrong->contains(name) || wrong->contains(name.substr(0, name.find('.')))) return true;
  }
  return false;
}

Scope::Origin Scope::origin_of(std::string_view name) const {
  for (auto end = name.size(); end != name.npos && end > 0; end = name.rfind('.', end - 1)) {
    auto const head = name.substr(0, end);
    for (auto const& axis : axes)
      if (*axis.name == head) return {&axis, {}};
    if (row != nullptr && member_of(*row, head) != nullptr) return {nullptr, std::string{head}};
  }
  return name.starts_with("row.") ? origin_of(name.substr(4)) : Origin{};
}

Scope::Origin Scope::origin_at(std::size_t at, Text const& text) const {
  Origin origin;
  std::string_view first;
  auto const source = source_of_scalar(text, at);
  for (auto const& piece : pieces_of(source)) {
    if (!piece.placeholder || !piece.wrong.empty() || piece.name == first) continue;
    auto found = origin_of(piece.name);
    if (found.axis == nullptr && found.column.empty()) continue;
    if (!first.empty()) return {};
    first = piece.name;
    origin = std::move(found);
  }
  return origin;
}

std::vector<std::string> Scope::names() const {
  std::vector<std::string> names{"job", "manifest", "take"};
  for (auto const& axis : axes) names.push_back(*axis.name);
  if (columns != nullptr) names.insert(names.end(), columns->begin(), columns->end());
  if (fragments != nullptr)
    for (auto const& [name, node] : *fragments) names.push_back(name);
  return names;
}

std::optional<View> Filler::fill(View value, Empty empty) {
  if (!needs_filling(value.node())) return value;
  empty_ = empty;
  steps_ = 0;
  given_up_ = false;
  auto node = filled(value.node(), 0);
  if (!node) return {};
  made_.push_back(std::move(*node));
  return value.onto(made_.back());
}

std::optional<View> Filler::fill_file(View value, PromptFile const& file) {
  auto node = scalar(std::string{file.text->bytes()}, false);
  node.at = value.at();
  file_ = &file;
  file_node_ = &node;
  file_user_ = value;
  joints_.clear();
  empty_ = Empty::Wrong;
  steps_ = 0;
  given_up_ = false;
  auto done = filled_scalar(node, 0);
  file_node_ = nullptr;
  if (!done) return {};
  done->data = true;
  made_.push_back(std::move(*done));
  return value.onto(made_.back());
}

std::size_t Filler::source_of(std::size_t offset) const {
  auto const after =
      std::find_if(joints_.begin(), joints_.end(), [&](Joint const& each) { return each.at > offset; });
  if (after == joints_.begin()) return offset;
  auto const& joint = *std::prev(after);
  return joint.literal ? joint.source + (offset - joint.at) : joint.source;
}

// All that is wrong in a value is told in one go, so that each of these goes on after a complaint.
std::optional<Node> Filler::filled(Node const& from, int depth) {
  auto const& value = resolved(from);
  if (value.kind == Node::Kind::Scalar) return filled_scalar(value, depth);
  Node node;
  node.kind = value.kind;
  node.at = value.at;
  bool good = true;
  for (std::size_t i = 0; i < value.items.size() && !given_up_; ++i) {
    auto const& item = resolved(value.items[i]);
    steps_ += 1 + item.items.size();
    bool const is_key = value.kind == Node::Kind::Map && i % 2 == 0;
    if (is_key || !needs_filling(item)) {
      node.items.push_back(item);
      continue;
    }
    auto done = filled(item, depth);
    good = good && done;
    if (!done) continue;
    bool const in_list = value.kind == Node::Kind::List;
    if (in_list && done->kind == Node::Kind::List && item.kind == Node::Kind::Scalar)
      std::move(done->items.begin(), done->items.end(), std::back_inserter(node.items));
    else if (!in_list || empty_ != Empty::LeftOut || !is_empty(*done))
      node.items.push_back(std::move(*done));
  }
  return good && !given_up_ ? std::optional{std::move(node)} : std::nullopt;
}

std::optional<Node> Filler::filled_scalar(Node const& from, int depth) {
  if (from.data || !has_placeholder(from.text)) return from;
  auto const pieces = pieces_of(from.text);
  if (pieces.size() == 1 && pieces[0].placeholder) return whole(from, pieces[0], depth);
  auto node = scalar({}, false);
  node.at = from.at;
  node.data = true;
  bool good = true;
  for (auto const& piece : pieces) {
    if (&from == file_node_) joints_.push_back({node.text.size(), piece.at, !piece.placeholder});
    if (!piece.placeholder)
      node.text += piece.text;
    else
      good = add_text(from, piece, depth, node.text) && good;
    if (node.text.size() > kLongestText) give_up(from, piece, "filled in, this text is longer than 1 MiB");
    if (given_up_) return {};
  }
  return good ? std::optional{std::move(node)} : std::nullopt;
}

// The value keeps its type.
std::optional<Node> Filler::whole(Node const& from, Piece const& piece, int depth) {
  bool const may_be_empty = piece.otherwise || empty_ == Empty::LeftOut;
  auto value = value_of(from, piece, may_be_empty, depth);
  if (!value) return {};
  if (is_empty(*value) && piece.otherwise) value = scalar(std::string{*piece.otherwise}, true);
  settle(*value, from.at);
  return value;
}

bool Filler::add_text(Node const& from, Piece const& piece, int depth, std::string& out) {
  auto const value = value_of(from, piece, piece.otherwise.has_value(), depth);
  if (!value) return false;
  if (is_empty(*value)) {
    out += piece.otherwise.value_or("");
    return true;
  }
  if (value->kind == Node::Kind::Scalar) {
    out += value->text;
    return true;
  }
  complain(from, piece,
           fmt::format("'{}' is {} and cannot stand inside of a text; name one of its fields: ${{{}.FIELD}}",
                       piece.name, spoken(View{*value}), piece.name));
  return false;
}

// What a placeholder stands for; empty only where it may be.
std::optional<Node> Filler::value_of(Node const& from, Piece const& piece, bool optional, int depth) {
  if (!piece.wrong.empty()) return complain(from, piece, std::string{piece.wrong}), std::nullopt;
  auto const& name = piece.name;
  if (scope_.is_wrong(name)) return complaints_.follow_up(), std::nullopt;
  auto found = scope_.find(name);
  steps_ += 1 + resolved(found.node).items.size();
  if (steps_ > kMostSteps) return give_up(from, piece, "filled in, this stands for too much"), std::nullopt;
  // Only a row may lack what its own kind may have; a picture of a name that no row has is a slip.
  bool const slip = found.kind == Scope::Found::Kind::Missing && !found.known && empty_ == Empty::LeftOut;
  if (found.kind == Scope::Found::Kind::Unknown && scope_.fragments_unknown)
    return complaints_.follow_up(), std::nullopt;
  if (found.kind == Scope::Found::Kind::Unknown || (slip && !piece.otherwise)) {
    complain(from, piece,
             fmt::format("nothing is called '{}' here{}", name, did_you_mean(name, scope_.names())));
    return {};
  }
  bool const missing = found.kind == Scope::Found::Kind::Missing;
  if (!missing && !found.data && needs_filling(found.node)) {
    if (depth == kDeepest) {
      give_up(from, piece, fmt::format("'{}' stands for itself, or for too much of the same", name));
      return {};
    }
    auto inner = filled(found.node, depth + 1);
    if (!inner) return {};
    found.node = std::move(*inner);
  }
  found.node = Node{resolved(found.node)};
  if (optional || (!missing && !is_empty(found.node))) return std::move(found.node);
  complain(from, piece,
           fmt::format("'{}' is {}; write ${{{}:-…}} for what stands there then", name,
                       missing ? "missing" : "empty", name));
  return {};
}

void Filler::complain(Node const& from, Piece const& piece, std::string text) {
  if (&from == file_node_)
    complaints_.add_in_file(file_->name, file_->text->place(piece.at), *file_user_, std::move(text),
                            piece.name);
  else
    complaints_.add(place_of(from, piece.at, complaints_.text()), std::move(text), piece.name);
}

void Filler::give_up(Node const& from, Piece const& piece, std::string text) {
  given_up_ = true;
  complain(from, piece, std::move(text));
}

}  // namespace wanspool::yaml
