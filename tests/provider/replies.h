#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "provider/provider.h"

// Replies to read, and what was read out of them in one line.
namespace wanspool {

inline constexpr Instant kNow{seconds{1'785'922'800}};  // 2026-08-05T09:40:00Z

inline std::filesystem::path const kSamples{WANSPOOL_SOURCE_DIR "/tests/provider/samples"};

inline std::string sample(std::string const& name) {
  std::ifstream file{kSamples / name, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline Reply answer(int status, std::string body, std::vector<Header> headers = {}) {
  Reply reply;
  reply.left = true;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

inline std::string error_body(std::string const& code, std::string const& message) {
  return R"({"request_id":"r-1","code":")" + code + R"(","message":")" + message + R"("})";
}

inline std::string kind_of(Trouble const& trouble) {
  static char const* const names[] = {"Lane", "Retry", "Fatal", "Unknown", "Account"};
  auto const name = std::string{names[static_cast<int>(trouble.kind)]};
  return name + (trouble.every_lane ? "! " : " ") + trouble.code;
}

// "Refused Lane Throttling.RateQuota", "Finished 2 of 2, 0 texts" …; '!' marks trouble of every lane.
struct Saying {
  std::string operator()(news::Accepted const& it) const { return "Accepted " + it.task_id; }
  std::string operator()(news::Refused const& it) const { return "Refused " + kind_of(it.trouble); }
  std::string operator()(news::Unsent const& it) const { return "Unsent " + kind_of(it.trouble); }
  std::string operator()(news::Unanswered const&) const { return "Unanswered"; }
  std::string operator()(news::Waiting const&) const { return "Waiting"; }
  std::string operator()(news::Working const&) const { return "Working"; }
  std::string operator()(news::Finished const& it) const {
    int pictures = 0, texts = 0;
    for (auto const& piece : it.answer.pieces) ++(piece.url.empty() ? texts : pictures);
    return "Finished " + std::to_string(pictures) + " of " + std::to_string(it.answer.image_count) + ", " +
           std::to_string(texts) + " texts";
  }
  std::string operator()(news::GaveUp const& it) const { return "GaveUp " + kind_of(it.trouble); }
  std::string operator()(news::CanceledThere const&) const { return "CanceledThere"; }
  std::string operator()(news::Vanished const&) const { return "Vanished"; }
  std::string operator()(news::NoAnswer const& it) const { return "NoAnswer " + kind_of(it.trouble); }
  std::string operator()(news::PictureMissed const& it) const {
    return std::string{"Missed "} + kind_of(it.trouble) + (it.expired ? ", expired" : "");
  }
  template <typename Other>
  std::string operator()(Other const&) const {
    return "something else";
  }
};

inline std::string said(News const& news) {
  return std::visit(Saying{}, news);
}

// "List of 3, page 1 of 1" or "NoList Lane NotJson".
inline std::string said(std::variant<provider::ListPage, Trouble> const& list) {
  if (auto const* trouble = std::get_if<Trouble>(&list)) return "NoList " + kind_of(*trouble);
  auto const& page = std::get<provider::ListPage>(list);
  return "List of " + std::to_string(page.rows.size()) + ", page " + std::to_string(page.page) + " of " +
         std::to_string(page.pages);
}

// The words for a person in any news that has some.
inline std::string words(News const& news) {
  return std::visit(
      [](auto const& it) -> std::string {
        if constexpr (requires { it.trouble.message; })
          return it.trouble.message;
        else if constexpr (requires { it.why; })
          return it.why;
        else
          return {};
      },
      news);
}

inline bool contains(std::string const& text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace wanspool
