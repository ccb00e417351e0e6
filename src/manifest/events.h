#pragma once

#include <functional>
#include <string>

#include "manifest/complaints.h"
#include "manifest/node.h"

namespace wanspool::yaml {

// Who is told what a document holds, piece by piece, while it is read. Every part may be empty.
struct Listener {
  std::function<void(Node key, Node value)> pair;  // of the map that the document is
  std::string streamed;                            // the key whose list is told item by item instead
  std::function<void(Node key)> list;              // it begins
  std::function<void(Node item)> item;
};

enum class Outcome {
  Empty,   // nothing but blanks and comments
  Broken,  // what follows the last complaint was not read
  Whole,
};

// Reads a text that is one map. Complains of what is wrong with the text itself: bytes, syntax, keys that
// stand twice, aliases without bounds.
Outcome read_document(Text const& text, Complaints& complaints, Listener const& listener);

// The whole document, for small ones, as far as it could be read; without any keys where there is none.
Node read_tree(Text const& text, Complaints& complaints);

}  // namespace wanspool::yaml
