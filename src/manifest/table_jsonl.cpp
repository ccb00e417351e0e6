#include "manifest/table_jsonl.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "manifest/text.h"

namespace wanspool::yaml {
namespace {

// Nodes are taken apart level by level.
constexpr std::size_t kMostLevels = 100;
// So many broken lines are kept while the first object is looked for.
constexpr std::size_t kMostAhead = 100;

// nlohmann's events as nodes. A tree would make 1.5 of 1.50 and keep the last of two equal keys.
class NodeMaker {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  bool null() { return put(Node{}); }
  bool boolean(bool value) { return put_plain(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) { return put_plain(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) { return put_plain(std::to_string(value)); }
  bool number_float(number_float_t, string_t const& spelled) { return put_plain(spelled); }
  bool binary(binary_t&) { return refuse("binary data is not understood"); }
  bool string(string_t& value) {
    if (auto control = control_in(value); !control.empty()) return refuse(std::move(control));
    return put(scalar(std::move(value)));
  }

  bool start_object(std::size_t) {
    keys_.emplace_back();
    return open(Node::Kind::Map);
  }
  bool key(string_t& name) {
    if (auto control = control_in(name); !control.empty()) return refuse(std::move(control));
    if (!keys_.back().insert(name).second) return refuse(fmt::format("the key '{}' stands here twice", name));
    return put(scalar(std::move(name)));
  }
  bool end_object() {
    keys_.pop_back();
    return close();
  }
  bool start_array(std::size_t) {
    if (open_.empty()) return refuse("each line of JSONL is one object, { … }, not a list");
    return open(Node::Kind::List);
  }
  bool end_array() { return close(); }

  bool parse_error(std::size_t byte, std::string const&, nlohmann::json::exception const&) {
    broken_at_ = byte;
    return false;
  }

  Node& root() { return root_; }
  std::string const& refused() const { return refused_; }
  std::size_t broken_at() const { return broken_at_; }  // from 1; 0: nowhere

 private:
  static Node scalar(std::string text) {
    Node node;
    node.kind = Node::Kind::Scalar;
    node.text = std::move(text);
    return node;
  }

  bool put_plain(std::string text) {
    auto node = scalar(std::move(text));
    node.plain = true;
    return put(std::move(node));
  }

  bool open(Node::Kind kind) {
    if (open_.size() == kMostLevels)
      return refuse(fmt::format("lists and objects are nested more than {} levels deep", kMostLevels));
    open_.emplace_back();
    open_.back().kind = kind;
    return true;
  }

  bool close() {
    auto node = std::move(open_.back());
    open_.pop_back();
    if (!open_.empty()) return put(std::move(node));
    node.at = kNowhere;
    root_ = std::move(node);
    return true;
  }

  bool put(Node node) {
    if (open_.empty()) return refuse("each line of JSONL is one object, { … }");
    node.at = kNowhere;
    open_.back().items.push_back(std::move(node));
    return true;
  }

  bool refuse(std::string why) {
    refused_ = std::move(why);
    return false;
  }

  Node root_;
  std::vector<Node> open_;
  std::vector<std::set<std::string>> keys_;  // of each open object
  std::string refused_;
  std::size_t broken_at_ = 0;
};

int column_at(std::string_view line, std::size_t offset) {
  return static_cast<int>(characters(line.substr(0, offset))) + 1;
}

// Where in the text of an object the value of this key begins.
std::size_t value_of(std::string_view object, std::string_view key) {
  int depth = 0;
  for (std::size_t at = 0; at < object.size(); ++at) {
    auto const c = object[at];
    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    if (c != '"') continue;
    auto const begin = at;
    for (++at; at < object.size() && object[at] != '"'; ++at) at += object[at] == '\\';
    auto const colon = object.find_first_not_of(" \t", at + 1);
    if (depth != 1 || colon == object.npos || object[colon] != ':') continue;
    auto const name = nlohmann::json::parse(object.substr(begin, at + 1 - begin), nullptr, false);
    if (name == key) return object.find_first_not_of(" \t", colon + 1);
  }
  return object.npos;
}

}  // namespace

TableRow json_row(std::string_view line, int number) {
  TableRow row;
  row.line = number;
  row.map.kind = Node::Kind::Map;
  row.map.at = kNowhere;
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  NodeMaker maker;
  if (nlohmann::json::sax_parse(line.begin(), line.end(), &maker)) {
    row.map = std::move(maker.root());
  } else {
    bool const broken = maker.refused().empty();
    row.wrong =
        broken ? "this is not JSON; each line is one object, such as {\"sku\": \"471\"}" : maker.refused();
    row.wrong_at = {number, broken ? column_at(line, std::max<std::size_t>(maker.broken_at(), 1) - 1) : 1};
  }
  return row;
}

JsonRows::JsonRows(Lines& lines) : lines_{lines} {
  while (ahead_.size() < kMostAhead) {
    auto row = read();
    if (!row) break;
    bool const good = row->wrong.empty();
    if (good)
      for (std::size_t i = 0; i < row->map.items.size(); i += 2) columns_.push_back(row->map.items[i].text);
    ahead_.emplace_back(std::move(*row), line_);
    if (good) return;
  }
  if (ahead_.empty() && !lines_.trouble()) lines_.fail({0, 0, "it is empty; it holds one object a line"});
}

std::optional<TableRow> JsonRows::next() {
  if (ahead_.empty()) return read();
  auto [row, line] = std::move(ahead_.front());
  ahead_.pop_front();
  kept_ = std::move(line);
  line_ = kept_;
  number_ = row.line;
  return std::move(row);
}

std::optional<TableRow> JsonRows::read() {
  while (auto const line = lines_.next()) {
    if (is_blank(*line)) continue;
    line_ = *line;
    number_ = lines_.number();
    return json_row(*line, number_);
  }
  return {};
}

Place JsonRows::place_of(std::string_view column) const {
  auto const at = value_of(line_, column);
  return at == line_.npos ? Place{} : Place{number_, column_at(line_, at)};
}

}  // namespace wanspool::yaml
