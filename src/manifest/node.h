#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "manifest/text.h"

namespace wanspool::yaml {

// A value as it was written; `at` is its offset. Only one job is held as nodes at a time.
struct Node {
  enum class Kind { Null, Scalar, List, Map };
  Kind kind = Kind::Null;
  bool plain = false;  // Scalar: written without quotes, so that it may be a number
  bool alias = false;  // `target` stands elsewhere and is used here
  bool data = false;   // Scalar: out of a row or a placeholder; what is in it is no placeholder any more
  std::size_t at = 0;
  std::string text;                    // Scalar
  std::vector<Node> items;             // List; of a Map key, value, key, value …
  std::shared_ptr<Node const> target;  // the value itself, where it has an anchor
  std::uint64_t size = 0;              // bytes it would take with every alias written out
  std::uint64_t borrowed = 0;          // how many of them come from aliases
  int depth = 1;                       // levels, aliases written out
};

// A node together with how one came to it, so that a complaint can name both places.
class View {
 public:
  enum class Way { Straight, Alias, Default };

  explicit View(Node const& node) { follow(node); }
  // A default, used by the job at `user`.
  View(Node const& node, std::size_t user) : way_{Way::Default}, from_{user} { follow(node); }

  // Another node in this one's place, which must live as long as the view.
  View onto(Node const& node) const {
    auto view = *this;
    view.node_ = &node;
    return view;
  }

  Node const& node() const { return *node_; }
  std::size_t at() const { return node_->at; }
  Way way() const { return way_; }
  std::size_t from() const { return from_; }
  std::string const& text() const { return node_->text; }
  bool is(Node::Kind kind) const { return node_->kind == kind; }
  // Items of a list; of a map key, value, key, value ….
  std::size_t size() const { return node_->items.size(); }
  View operator[](std::size_t index) const {
    auto item = *this;
    item.follow(node_->items[index]);
    return item;
  }

 private:
  void follow(Node const& node) {
    node_ = node.target ? node.target.get() : &node;
    if (!node.alias || way_ != Way::Straight) return;
    way_ = Way::Alias;
    from_ = node.at;
  }

  Node const* node_ = nullptr;
  Way way_ = Way::Straight;
  std::size_t from_ = kNowhere;
};

}  // namespace wanspool::yaml
