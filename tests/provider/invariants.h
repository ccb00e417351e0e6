#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "provider/provider.h"

// What must hold of all that is read out of a reply, whatever its bytes are. Used by the fuzzer and by the
// tests.
namespace wanspool {

class Invariants {
 public:
  explicit Invariants(Reply const& reply) : reply_{reply} {
    look(provider::read_create(reply));
    look(provider::read_query(reply, Instant{seconds{1'785'922'800}}));
    look(News{provider::read_missed(reply, 1)});
    auto const list = provider::read_list(reply);
    std::visit([this](auto const& it) { check(it); }, list);
  }

  // "" if all of them hold; else the first that does not.
  std::string const& broken() const { return broken_; }

 private:
  void must(bool holds, char const* what) {
    if (!holds && broken_.empty()) broken_ = what;
  }
  bool is_answer() const { return reply_.complete() && reply_.status / 100 == 2; }

  // These words are stored, shown on terminals and written as JSON.
  void words(std::string const& text) {
    must(text.size() < 2000, "words of bounded length");
    must(std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
         "words without control characters");
    try {
      static_cast<void>(nlohmann::json(text).dump());
    } catch (nlohmann::json::exception const&) {
      must(false, "words in UTF-8");
    }
  }
  void trouble(Trouble const& it) {
    words(it.code);
    words(it.message);
    must(!it.message.empty(), "a trouble has words");
    must(it.retry_after.count() >= 0, "no wait is negative");
    must(it.kind != Trouble::Kind::Unknown, "no trouble is of an unknown kind");
  }

  void look(News const& news) {
    std::visit([this](auto const& it) { check(it); }, news);
  }
  void check(news::Accepted const& it) {
    must(is_answer() && !it.task_id.empty(), "only a whole success with an id is an accepted create");
  }
  void check(news::Refused const& it) {
    trouble(it.trouble);
    must(reply_.complete() && reply_.left, "only a whole answer is a refusal");
  }
  void check(news::Unsent const& it) {
    trouble(it.trouble);
    must(!reply_.left, "what left is not unsent");
  }
  void check(news::Unanswered const& it) {
    words(it.why);
    must(reply_.left && !it.why.empty(), "what did not leave is no doubt");
  }
  void check(news::Finished const& it) {
    must(is_answer(), "only a whole success is an end");
    must(!it.answer.pieces.empty(), "a success has something in it");
    must(it.answer.image_count >= 0, "nothing negative is charged");
    must(it.answer.usage.empty() || it.answer.usage.starts_with('{'), "usage is an object");
    must(it.answer.size.empty() || it.answer.size.find('*') != std::string::npos, "a size has two sides");
    for (auto const& piece : it.answer.pieces)
      must(piece.url.empty() != piece.text.empty(), "a piece is a text or a picture");
  }
  void check(news::GaveUp const& it) {
    trouble(it.trouble);
    must(reply_.complete(), "only a whole answer ends a task");
  }
  void check(news::NoAnswer const& it) {
    trouble(it.trouble);
    must(it.trouble.kind == Trouble::Kind::Lane || it.trouble.kind == Trouble::Kind::Account,
         "a query that went wrong ends nothing");
  }
  void check(news::PictureMissed const& it) {
    trouble(it.trouble);
    must(it.number == 1, "the picture is the one that was asked for");
  }
  void check(provider::ListPage const& it) {
    must(is_answer(), "only a whole success is a list");
    must(it.page >= 1 && it.pages >= 1, "pages count from 1");
    for (auto const& row : it.rows)
      must(!row.task_id.empty() && !row.model.empty() && !row.api_key_id.empty() && row.created > Instant{},
           "a row is evidence");
  }
  void check(Trouble const& it) {
    trouble(it);
    must(it.kind != Trouble::Kind::Retry, "a list is for later, for somebody or refused");
  }
  template <typename Other>
  void check(Other const&) {
    must(is_answer(), "only a whole success tells how a task stands");
  }

  Reply const& reply_;
  std::string broken_;
};

}  // namespace wanspool
