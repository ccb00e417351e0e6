#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/complaints.h"
#include "manifest/node.h"
#include "manifest/placeholders.h"
#include "manifest/prompts.h"

namespace wanspool::yaml {

// What the placeholders of one job stand for (manifest.md, Values). Nothing is owned.
class Scope {
 public:
  struct Axis {
    std::string const* name = nullptr;
    std::string const* label = nullptr;
    Node const* value = nullptr;
  };

  std::map<std::string, Node, std::less<>> const* fragments = nullptr;  // let
  Node const* row = nullptr;                                            // a map
  std::vector<std::string> const* columns = nullptr;                    // what its rows may have
  bool row_is_open = false;  // its rows need not all have the same keys
  bool row_is_data = false;  // out of a file: what is in it is no placeholder
  std::vector<Axis> axes;
  // Names of fragments and axes that have been complained of, so that nobody asks again what they are; and
  // whether any unknown name may be one.
  std::set<std::string, std::less<>> const* wrong_fragments = nullptr;
  std::set<std::string, std::less<>> const* wrong_axes = nullptr;
  bool fragments_unknown = false;
  std::string job, manifest;  // MANIFEST/JOB is the two with a '/' between
  int take = 1;

  struct Found {
    enum class Kind { Unknown, Missing, Here } kind = Kind::Unknown;
    Node node = {};  // Here
    bool data = false;
    bool known = false;  // Missing: other rows have it, or it is said to be a row's
  };
  Found find(std::string_view name) const;
  // A column, an axis or a fragment of this name, or of what stands before its first dot.
  bool is_given(std::string_view name) const;
  // It has its complaint.
  bool is_wrong(std::string_view name) const;
  // Where a value comes from: an axis, a column, or neither.
  struct Origin {
    Axis const* axis = nullptr;
    std::string column = {};
  };
  Origin origin_of(std::string_view name) const;
  // Of the value that is written at `at`; neither where it is made of several.
  Origin origin_at(std::size_t at, Text const& text) const;
  // All that find() knows, for a 'did you mean'.
  std::vector<std::string> names() const;

 private:
  Found find_whole(std::string_view name) const;
  Found find_field(std::string_view head, std::string_view tail) const;
};

// Puts the values of a scope into texts.
class Filler {
 public:
  Filler(Scope const& scope, Complaints& complaints) : scope_{scope}, complaints_{complaints} {}

  enum class Empty { Wrong, LeftOut };  // of a list's item that is nothing but an empty placeholder
  // The view itself where nothing is to be filled in, else one of a node that lives as long as this.
  // Complains where it returns nothing.
  std::optional<View> fill(View value, Empty empty = Empty::Wrong);
  // The text of a file that `value` names; what is wrong with it is told at its place in the file.
  std::optional<View> fill_file(View value, PromptFile const& file);
  // Where in the file stands what the byte at `offset` of fill_file()'s last text was made of.
  std::size_t source_of(std::size_t offset) const;

 private:
  std::optional<Node> filled(Node const& from, int depth);
  std::optional<Node> filled_scalar(Node const& from, int depth);
  std::optional<Node> whole(Node const& from, Piece const& piece, int depth);
  bool add_text(Node const& from, Piece const& piece, int depth, std::string& out);
  std::optional<Node> value_of(Node const& from, Piece const& piece, bool optional, int depth);
  void complain(Node const& from, Piece const& piece, std::string text);
  void give_up(Node const& from, Piece const& piece, std::string text);

  Scope const& scope_;
  Complaints& complaints_;
  Empty empty_ = Empty::Wrong;
  std::size_t steps_ = 0;  // pieces and items of what is being filled in
  bool given_up_ = false;  // it would go on for too long
  std::deque<Node> made_;

  // The file whose text is filled in, its text as a node, who names it, and which of its pieces the result
  // consists of.
  struct Joint {
    std::size_t at, source;
    bool literal;
  };
  PromptFile const* file_ = nullptr;
  Node const* file_node_ = nullptr;
  std::optional<View> file_user_;
  std::vector<Joint> joints_;
};

}  // namespace wanspool::yaml
