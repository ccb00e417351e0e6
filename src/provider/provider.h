#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/http.h"
#include "core/model.h"
#include "core/news.h"
#include "core/settle.h"

// The room of DashScope: what its requests look like and what its replies mean, most of it tables. Knows
// nothing of queues, files or money. Facts come from the API contract; sections are named where they are
// used.
namespace wanspool::provider {

struct Endpoint {
  std::string base;            // "https://dashscope-intl.aliyuncs.com/api/v1", no slash at its end
  std::string key;             // never printed
  std::string workspace = {};  // that each request names; "" where the host does, or there is none
};

// "cn-beijing", "ap-southeast-1", "us-east-1", "eu-central-1", "cn-hongkong", "ap-northeast-1" by the host
// (contract §1.1); "loopback" for localhost, 127.0.0.0/8 and [::1]; "unknown" for any other.
std::string region_of(std::string_view base);

// The body of a create as JSON with sorted keys and no needless space: equal requests give equal bytes,
// whatever the order they were written in. A verbatim request comes out as it is.
std::string create_body(Model const& model, JobRequest const& request);

// `body` with parameters.seed set if it has none; what it is for and why it is recorded: design, "Values".
std::string with_seed(std::string const& body, std::uint32_t seed);

// From a fingerprint's hex digits and the take, within 0 … 2147483647.
std::uint32_t seed_of(std::string_view fingerprint, int take);

// `body` to be bought once more: with this seed, whatever it had. Its own bytes otherwise.
std::string redo_body(std::string const& body, std::uint32_t seed);
// `body` for so many pictures and with this seed; "" where the pictures are not counted by `n` (a
// text-and-picture answer has as many as its text wants).
std::string refill_body(std::string const& body, int pictures, std::uint32_t seed);

// The input pictures that a body names, in their order: addresses, "file:…", "job:…" (JobRequest).
std::vector<std::string> inputs_of(std::string const& body);
// `body` with another text for each of them. Of a body that is not as create_body() makes it the spacing may
// change too.
std::string with_inputs(std::string const& body,
                        std::function<std::string(std::string const&)> const& address_of);

// Leave to upload pictures that requests of one model will use (contract §7), for several of them.
struct UploadPolicy {
  std::string host;            // where the form goes
  std::string folder;          // what each name begins with
  std::vector<Header> fields;  // of the form; never printed
  Instant until;
};
Request policy_request(Endpoint const& endpoint, std::string_view model);
// Trouble: Lane or Retry (the same again later), or Account.
std::variant<UploadPolicy, Trouble> read_policy(Reply const& reply, Instant now);
// `name` must be new in the policy's folder, and ends as its format does: "1-….png".
Request upload_request(UploadPolicy const& policy, std::string const& name, std::string_view sha256,
                       std::string_view bytes);
std::string address_of(UploadPolicy const& policy, std::string const& name);

struct UploadEnd {
  enum class Kind {
    Done,
    Later,  // the same again
    Anew,   // with another policy and another name
    Never,
  } kind = Kind::Later;
  std::string words;  // for a person
  milliseconds wait{0};
};
UploadEnd read_upload(Reply const& reply);

// A picture of the web that the service could not read itself: at most so many bytes of it.
Request fetch_request(std::string_view address, std::int64_t most);
struct FetchEnd {
  enum class Kind { Done, Elsewhere, Later, Never } kind = Kind::Later;
  std::string words;  // for a person; of Elsewhere the address, perhaps relative
  milliseconds wait{0};
};
FetchEnd read_fetch(Reply const& reply);

Request create_request(Endpoint const& endpoint, Model const& model, std::string body);
Request query_request(Endpoint const& endpoint, std::string_view task_id);
// A result's address as it came, without a key (contract §6); what follows the first `from` bytes.
// Of what waits there; its body is empty (contract §8.2).
Request cancel_request(Endpoint const& endpoint, std::string_view task_id);
Request download_request(std::string_view url, std::int64_t from = 0);

// One page of the account's tasks of the last 24 hours, of all keys, models and states (contract §8.1); pages
// count from 1.
Request list_request(Endpoint const& endpoint, int page, int rows = 100);

// Accepted, Refused, Unsent or Unanswered. Which failure is a doubt: design §3.
News read_create(Reply const& reply);
// Waiting, Working, Finished, GaveUp, CanceledThere, Vanished or NoAnswer.
News read_query(Reply const& reply, Instant now);
// CancelTaken, CancelRefused or CancelUnheard.
News read_cancel(Reply const& reply);
// Of a download that brought no whole picture; for one whose bytes were not a picture see `local` of the
// reply.
news::PictureMissed read_missed(Reply const& reply, int number);

struct ListPage {
  std::vector<ListRow> rows;
  int page = 1, pages = 1;
};
// A row that lacks task_id, model_name, api_key_id or gmt_create makes the whole page worthless. Trouble:
// Lane (the same again later), Account, or Fatal (the list is refused).
std::variant<ListPage, Trouble> read_list(Reply const& reply);

// Whether a query's reply is a normal answer about a known task: evidence that the account is well.
bool is_normal(News const& news);

}  // namespace wanspool::provider
