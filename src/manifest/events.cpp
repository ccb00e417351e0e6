#include "manifest/events.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <optional>
#include <string_view>

#include "manifest/source.h"
#include "manifest/syntax.h"

namespace wanspool::yaml {
namespace {

// What aliases may make of a text: in one value, and in all of it.
constexpr std::uint64_t kMostBorrowed = 64u << 20, kMostBorrowedInAll = 1u << 30;
constexpr std::uint64_t kNodeSize = 32;
constexpr int kMostLevels = 500;

// Where a value is left out the parser's position is that of whatever comes next.
bool is_null_word(std::string_view text) {
  return text.starts_with('~') || text.starts_with("null") || text.starts_with("Null") ||
         text.starts_with("NULL");
}

// Ends the reading; the complaint has been made.
struct Stop {};

class Reader final : public YAML::EventHandler {
 public:
  Reader(Source const& source, Complaints& complaints, Listener const& listener)
      : source_{source}, complaints_{complaints}, listener_{listener} {}

  std::size_t last() const { return last_; }
  bool any() const { return documents_ > 0; }

  void OnDocumentStart(YAML::Mark const& mark) override {
    if (++documents_ == 1) return;
    complaints_.add(at(mark), "a second document begins here; one file is one document: take out the '---'");
    throw Stop{};
  }
  // The parser takes the end of a file for the end of a quoted text, if a line end stands before it.
  void OnDocumentEnd() override {
    if (!last_quoted_) return;
    auto const quote = open_quote(complaints_.text(), *last_quoted_);
    if (quote != kNowhere) complaints_.add(quote, std::string{kOpenQuote});
  }

  void OnAnchor(YAML::Mark const&, std::string const& name) override { anchor_name_ = name; }

  void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    if (is_wrapping(mark)) return;
    auto const before = last_;
    Node node;
    node.at = at(mark);
    if (!is_null_word(complaints_.text().bytes().substr(node.at))) node.at = before;
    finish(std::move(node), named(anchor));
  }

  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                std::string const& value) override {
    if (is_wrapping(mark)) return;
    Node node;
    node.kind = Node::Kind::Scalar;
    node.at = at(mark);
    node.text = value;
    node.plain = tag == "?" || tag.empty();
    last_quoted_ = node.plain ? std::nullopt : std::optional{node.at};
    check_tag(node.at, tag, "str");
    finish(std::move(node), named(anchor));
  }

  void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    is_wrapping(mark);
    Node node;
    node.at = at(mark);
    auto const found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      complaints_.add(node.at,
                      "an alias cannot stand for something that holds it, nor for the list of all jobs");
      throw Stop{};
    }
    node.alias = true;
    node.target = found->second;
    node.size = node.borrowed = found->second->size;
    node.depth = found->second->depth;
    borrowed_ += node.size;
    if (borrowed_ > kMostBorrowedInAll) too_much(node.at, "1 GiB");
    finish(std::move(node), 0);
  }

  void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    is_wrapping(mark);
    check_tag(at(mark), tag, "seq");
    begin(Node::Kind::List, mark, named(anchor));
    if (frames_.size() != 2 || !frames_[0].key || frames_[0].key->text != listener_.streamed) return;
    if (listener_.streamed.empty()) return;
    frames_.back().streamed = true;
    if (listener_.list) listener_.list(*frames_[0].key);
  }

  void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    if (is_wrapping(mark)) return;
    check_tag(at(mark), tag, "map");
    begin(Node::Kind::Map, mark, named(anchor));
  }

  void OnSequenceEnd() override { end(); }
  void OnMapEnd() override {
    if (!frames_.empty()) end();
  }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Node> key;  // of the document's own map, while its value is read
    bool streamed = false;
  };

  std::size_t at(YAML::Mark const& mark) { return last_ = source_.offset(mark.pos); }

  // True for the map and the key that Source has put around the document; after the document nothing may
  // come.
  bool is_wrapping(YAML::Mark const& mark) {
    if (!source_.wrapped() || !frames_.empty()) return false;
    if (wrapping_ < 2) return ++wrapping_, true;
    if (wrapping_++ == 2) return false;
    complaints_.add(at(mark), "something stands after the '}' that ends the document; take it out");
    throw Stop{};
  }

  // An anchor's name may be given anew; what it stood for is then out of reach and let go.
  YAML::anchor_t named(YAML::anchor_t anchor) {
    if (anchor == 0) return 0;
    auto& known = anchor_names_[anchor_name_];
    if (known != 0) anchors_.erase(known);
    known = anchor;
    return anchor;
  }

  void check_tag(std::size_t place, std::string const& tag, std::string_view wanted) {
    if (tag.empty() || tag == "?" || tag == "!" || tag == fmt::format("tag:yaml.org,2002:{}", wanted)) return;
    complaints_.add(place, fmt::format("the tag '{}' is not understood; take it out", tag));
  }

  [[noreturn]] void no_map(Node const& document) {
    auto const at = full_width_colon(complaints_.text(), document.at, document.at);
    if (at == kNowhere) {
      complaints_.add(document.at, "a file like this is a map of keys, such as 'manifest: 1'");
    } else {
      complaints_.add(at, std::string{kFullWidth});
    }
    throw Stop{};
  }

  [[noreturn]] void too_much(std::size_t place, std::string_view bound) {
    complaints_.add(place, fmt::format("with its aliases written out this is larger than {}", bound));
    throw Stop{};
  }

  void begin(Node::Kind kind, YAML::Mark const& mark, YAML::anchor_t anchor) {
    Frame frame;
    frame.node.kind = kind;
    frame.node.at = at(mark);
    if (frames_.empty() && kind != Node::Kind::Map) no_map(frame.node);
    frame.anchor = anchor;
    frames_.push_back(std::move(frame));
  }

  void end() {
    auto frame = std::move(frames_.back());
    frames_.pop_back();
    if (frames_.empty()) return;
    if (frame.streamed) {
      frames_.back().key.reset();
    } else {
      finish(std::move(frame.node), frame.anchor);
    }
  }

  void finish(Node node, YAML::anchor_t anchor) {
    measure(node);
    if (node.kind == Node::Kind::Map) check_keys(node);
    if (anchor != 0) {
      Node reference;
      reference.at = node.at;
      reference.size = node.size;
      reference.borrowed = node.borrowed;
      reference.depth = node.depth;
      reference.target = anchors_[anchor] = std::make_shared<Node const>(std::move(node));
      node = std::move(reference);
    }
    deliver(std::move(node));
  }

  void measure(Node& node) {
    if (!node.target) node.size = kNodeSize + node.text.size();
    for (auto const& item : node.items) {
      node.size += item.size;
      node.borrowed += item.borrowed;
      node.depth = std::max(node.depth, item.depth + 1);
    }
    if (node.borrowed > kMostBorrowed) too_much(node.at, "64 MiB");
    if (node.depth <= kMostLevels) return;
    complaints_.add(node.at, fmt::format("lists and maps are nested more than {} levels deep", kMostLevels));
    throw Stop{};
  }

  void deliver(Node node) {
    if (frames_.empty()) no_map(node);
    auto& frame = frames_.back();
    if (frame.streamed) {
      if (listener_.item) listener_.item(std::move(node));
    } else if (frames_.size() > 1) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.key) {
      take_key(std::move(node));
    } else {
      auto key = std::move(*frame.key);
      frame.key.reset();
      if (listener_.pair) listener_.pair(std::move(key), std::move(node));
    }
  }

  // The document's own map is not kept, its keys are.
  void take_key(Node node) {
    auto& frame = frames_.back();
    auto key = View{node}.node();
    for (auto const& seen : keys_)
      if (seen.text == key.text) say_twice(key, seen);
    check_key(key);
    if (keys_.size() < 1000) keys_.push_back(key);
    frame.key = std::move(key);
  }

  void check_keys(Node const& map) {
    std::vector<Node const*> keys;
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
      keys.push_back(&View{map.items[i]}.node());
      check_key(*keys.back());
    }
    std::stable_sort(keys.begin(), keys.end(),
                     [](auto const* a, auto const* b) { return a->text < b->text; });
    for (std::size_t i = 1; i < keys.size(); ++i)
      if (keys[i]->text == keys[i - 1]->text) say_twice(*keys[i], *keys[i - 1]);
  }

  void check_key(Node const& key) {
    if (key.kind != Node::Kind::Scalar)
      complaints_.add(key.at, "a key is a plain word, not nothing, a list or a map");
    else if (key.text == "<<")
      complaints_.add(key.at, "'<<' is not understood; write the keys out, or put them under 'defaults'");
  }

  void say_twice(Node const& second, Node const& first) {
    if (second.kind == Node::Kind::Scalar && first.kind == Node::Kind::Scalar)
      complaints_.add(second.at, fmt::format("the key '{}' stands here a second time; first at", second.text),
                      first.at);
  }

  Source const& source_;
  Complaints& complaints_;
  Listener const& listener_;
  std::vector<Frame> frames_;
  std::vector<Node> keys_;
  std::map<YAML::anchor_t, std::shared_ptr<Node const>> anchors_;
  std::map<std::string, YAML::anchor_t> anchor_names_;
  std::string anchor_name_;
  std::uint64_t borrowed_ = 0;
  std::size_t last_ = 0;
  std::optional<std::size_t> last_quoted_;  // if the last scalar is one that may be in quotes
  int documents_ = 0, wrapping_ = 0;
};

}  // namespace

Outcome read_document(Text const& text, Complaints& complaints, Listener const& listener) {
  if (auto const flaw = text.flaw()) {
    complaints.add(flaw->at, flaw->text);
    return Outcome::Broken;
  }
  Source source{text};
  std::istream stream{&source};
  Reader reader{source, complaints, listener};
  try {
    YAML::Parser parser{stream};
    while (parser.HandleNextDocument(reader)) {
    }
    return reader.any() ? Outcome::Whole : Outcome::Empty;
  } catch (Stop const&) {
  } catch (YAML::ParserException const& error) {
    auto const at = error.mark.is_null() ? reader.last() : source.offset(error.mark.pos);
    add_syntax_error(complaints, at, reader.last(), error.msg);
  }
  return Outcome::Broken;
}

Node read_tree(Text const& text, Complaints& complaints) {
  Node root;
  root.kind = Node::Kind::Map;
  Listener listener;
  listener.pair = [&](Node key, Node value) {
    root.items.push_back(std::move(key));
    root.items.push_back(std::move(value));
  };
  read_document(text, complaints, listener);
  return root;
}

}  // namespace wanspool::yaml
