#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"
#include "manifest/node.h"
#include "manifest/text.h"

namespace wanspool::yaml {

// Collects what is wrong with one text. The same words about the same place are kept once, so that a wrong
// default is not repeated for every job.
class Complaints {
 public:
  Complaints(Text const& text, std::string file) : text_{text}, file_{std::move(file)} {}

  void add(std::size_t at, std::string text) { put({at, std::move(text)}); }
  void add(View view, std::string text) { put({view.at(), std::move(text), {}, view.way(), view.from()}); }
  // The place of `other` is named after the text: "key 'n' stands here twice; first at 3:5".
  void add(std::size_t at, std::string text, std::size_t other) { put({at, std::move(text), other}); }
  // About a placeholder of this name.
  void add(std::size_t at, std::string text, std::string_view name) { put({at, std::move(text)}, name); }
  void add_whole(std::string text) { put({kNowhere, std::move(text)}); }
  // About a text that stands in a file of its own, which the manifest names at `user`.
  void add_in_file(std::string const& file, Place place, View user, std::string text,
                   std::string_view name = {});
  // About one row of a table; others of the same words are only counted.
  void add_row(std::string const& file, Place place, std::string text);

  // About a thing that several jobs may name: told at the first of these places, others are only counted.
  void add_once(View view, std::string text);

  // What is added while a job of many is read says which one it was: "in row products.csv:12, style=ink". The
  // same complaint about others of them is only counted.
  // `name`: the placeholder that the complaint is about, "" if it is about the whole value at `at`.
  using Which = std::function<std::string(std::size_t at, std::string_view name)>;
  void within(Which which) { which_ = std::move(which); }
  void within_nothing() { which_ = nullptr; }

  // Grows with every complaint, kept or not: whoever wants to know whether his part was good compares.
  std::size_t count() const { return count_; }
  // Something is wrong that follows from what has been told already: it is counted and not told again.
  void follow_up() { ++count_; }
  // Whether the same is wrong in both.
  bool same_as(Complaints const& other) const;
  // Those of `other`, which is about the same text.
  void adopt(Complaints const& other);
  // No more are kept: it is not worth going on.
  bool full() const { return more_; }
  Text const& text() const { return text_; }

  // All of them in the order of the text.
  std::vector<Complaint> take();

 private:
  struct Entry {
    std::size_t at;  // of another file its first user
    std::string text;
    std::optional<std::size_t> other{};
    View::Way way = View::Way::Straight;
    std::size_t from = kNowhere;
    std::string which{};
    std::size_t others = 0;
    std::string file{};  // another one than the text's own
    Place place{};       // in that
    std::size_t last_user = kNowhere, other_users = 0, other_rows = 0;
    bool once = false;  // wherever it is said
  };
  void put(Entry entry, std::string_view name = {});
  void put_elsewhere(Entry entry, std::string_view name);
  Complaint written(Entry const& entry) const;

  Text const& text_;
  std::string file_;
  std::vector<Entry> entries_, elsewhere_;
  Which which_;
  std::size_t count_ = 0;
  bool more_ = false;
};

}  // namespace wanspool::yaml
