#pragma once

#include <streambuf>
#include <string_view>
#include <vector>

#include "manifest/text.h"

namespace wanspool::yaml {

// A text as yaml-cpp 0.7 can read it, without a copy of it:
// - \ud83d\ude00, which JSON writers make of one character beyond U+FFFF, is handed over as that character;
// - before a '{' that opens the whole document a key is put in, because a document that could itself be a
//   key is held in memory up to its end.
class Source final : public std::streambuf {
 public:
  explicit Source(Text const& text);

  // The key and its map stand around the document.
  bool wrapped() const { return wrap_ != kNowhere; }
  // Where in the text the parser's position is.
  std::size_t offset(int position) const;

 protected:
  int_type underflow() override;

 private:
  void give(std::string_view piece);

  std::string_view text_;
  std::vector<std::size_t> pairs_;  // offsets of surrogate pairs
  std::size_t wrap_ = kNowhere;     // offset of the opening '{'
  std::size_t next_ = 0;            // offset of what is handed over next
  std::size_t next_pair_ = 0;
  bool wrap_given_ = false;
  char character_[4] = {};
};

}  // namespace wanspool::yaml
