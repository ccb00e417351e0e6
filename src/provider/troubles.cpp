#include "provider/troubles.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "provider/words.h"

namespace wanspool::provider {
namespace {

constexpr auto Lane = Trouble::Kind::Lane;
constexpr auto Retry = Trouble::Kind::Retry;
constexpr auto Fatal = Trouble::Kind::Fatal;
constexpr auto Account = Trouble::Kind::Account;
constexpr auto Task = About::Task;
constexpr auto Call = About::Call;
constexpr auto Service = About::Service;
using Over = Trouble::Over;

constexpr std::string_view kPictureAdvice =
    "the service could not fetch or read an input picture: its address must open for anybody and give a "
    "length and a type; a data: address needs no fetching";
constexpr std::string_view kModelAdvice =
    "the model and the endpoint do not fit together, or the model is not enabled for this account: check "
    "both";
constexpr std::string_view kKeyAdvice =
    "check the key (DASHSCOPE_API_KEY, api_key_file, or for the service /etc/credstore/dashscope-api-key): "
    "it works only at an endpoint of its own region";
constexpr std::string_view kAsyncAdvice =
    "tasks of this model cannot be made at this endpoint: check the model and the endpoint, and whether a "
    "proxy takes request headers away";
constexpr std::string_view kAccessAdvice = "enable the model for this key's workspace in the console";
constexpr std::string_view kBillAdvice = "pay what is due, or lift the budget, in the console";
constexpr std::string_view kQuotaAdvice =
    "the quota is used up and only its reset or a larger one helps: see the console";
constexpr std::string_view kInputAdvice = "the service's filter refused the prompt or an input picture";
constexpr std::string_view kOutputAdvice =
    "the service's filter refused what the model drew; another seed may pass";
constexpr std::string_view kNoPictureAdvice =
    "edit mode needs 1 to 4 pictures; for a picture from words alone take wan2.6-t2i, or wan2.6-image with "
    "enable_interleave: true";

// Longer than any Retry-After we would sleep over, so that the lane is reported as out of quota.
constexpr hours kQuotaWait{1};

// Class I of the contract: what it was to work on could not be had.
constexpr Row unread(int status, std::string_view code, std::string_view text) {
  Row row{status, code, text, Retry, Task, kPictureAdvice};
  row.input = true;
  return row;
}

constexpr Row over(Over which, std::string_view code) {
  Row row{429, code, "", Lane, Service};
  row.over = which;
  return row;
}

// Contract §4, its rows in its order; within a code what has a text comes first, within a prefix what is
// longer.
constexpr std::array kTable{
    unread(400, "InvalidParameter.DataInspection", ""),
    Row{400, "InvalidParameter", "url error", Fatal, Call, kModelAdvice},
    Row{400, "InvalidParameter", "request method", Fatal, Call, "check the endpoint's path"},
    Row{400, "InvalidParameter", "required body", Fatal, Call},
    unread(400, "InvalidParameter", "download image failed"),
    unread(400, "InvalidParameter", "oss download error"),
    unread(400, "InvalidParameter", "url does not appear to be valid"),
    Row{400, "InvalidParameter", "lack of image or text", Fatal, Task, kNoPictureAdvice},
    Row{400, "InvalidParameter", "num_images_per_prompt must be 1", Fatal, Task,
        "with enable_interleave n must be 1"},
    Row{400, "InvalidParameter", "model not exist", Fatal, Task, kModelAdvice},
    Row{400, "InvalidParameter", "data-uri item", Fatal, Task,
        "a data: address holds a file of about 7 MB at the most; give a smaller picture, or its http(s) "
        "address"},
    Row{400, "InvalidParameter", "", Fatal, Task},
    Row{400, "DataInspectionFailed", "output data", Fatal, Task, kOutputAdvice},
    Row{400, "DataInspectionFailed", "", Fatal, Task, kInputAdvice},
    Row{400, "IPInfringementSuspect", "", Fatal, Task, kInputAdvice},
    unread(400, "InvalidURL", ""),
    Row{400, "InvalidFile", "", Fatal, Task},
    Row{400, "InvalidImage", "", Fatal, Task},
    Row{400, "InvalidImageResolution", "", Fatal, Task},
    Row{400, "InvalidImageFormat", "", Fatal, Task},
    unread(400, "BadRequest.InputDownloadFailed", ""),
    Row{400, "BadRequest.EmptyWorkspace", "", Account, Service, kKeyAdvice, true},
    Row{400, "BadRequest", "", Fatal, Call},
    Row{400, "UnsupportedOperation", "", Fatal, Call},
    Row{400, "Arrearage", "", Account, Service, kBillAdvice, true},
    Row{400, "CustomRoleBlocked", "", Fatal, Task, kInputAdvice},
    Row{400, "FaqRuleBlocked", "", Fatal, Task, kInputAdvice},
    Row{401, "InvalidApiKey", "", Account, Service, kKeyAdvice, true},
    Row{401, "NOT AUTHORIZED", "", Account, Service, kKeyAdvice, true},
    // Nothing is wrong with the task, so the model's lane waits instead of failing job after job.
    Row{403, "AccessDenied", "synchronous calls", Account, Service, kAsyncAdvice},
    Row{403, "AccessDenied", "", Account, Service, kAccessAdvice},
    Row{403, "Model.AccessDenied", "", Account, Service, kAccessAdvice},
    Row{403, "App.AccessDenied", "", Account, Service, kAccessAdvice},
    Row{403, "Workspace.AccessDenied", "", Account, Service, kAccessAdvice},
    Row{403, "Endpoint.AccessDenied", "", Account, Service, kAccessAdvice},
    Row{403, "AllocationQuota.FreeTierOnly", "", Account, Service,
        "the free pictures are used up: turn off 'use free tier only' in the console to go on for money"},
    Row{404, "ModelNotFound", "", Fatal, Call, kModelAdvice},
    Row{404, "WorkSpaceNotFound", "", Account, Service, kKeyAdvice, true},
    Row{404, "NotFound", "", Fatal, Call, "check the endpoint's path"},
    Row{429, "Throttling.AllocationQuota", "free allocated quota exceeded", Lane, Service, kQuotaAdvice,
        false, kQuotaWait},
    Row{429, "Throttling.AllocationQuota", "exhausted", Lane, Service, kQuotaAdvice, false, kQuotaWait},
    Row{429, "Throttling.AllocationQuota", "will reset at", Lane, Service, kQuotaAdvice, false, kQuotaWait},
    Row{429, "Throttling.AllocationQuota", "", Lane, Service},
    over(Over::Rate, "Throttling.RateQuota"),
    over(Over::Burst, "Throttling.BurstRate"),
    over(Over::Slots, "Throttling.Concurrency"),
    Row{429, "Throttling.ServiceOverloaded", "", Lane, Service},
    over(Over::Some, "Throttling"),
    over(Over::Rate, "LimitRequests"),
    over(Over::Burst, "limit_burst_rate"),
    Row{429, "ResourceExhausted", "", Lane, Service},
    Row{429, "CommodityNotPurchased", "", Account, Service, kBillAdvice, true},
    Row{429, "PrepaidBillOverdue", "", Account, Service, kBillAdvice, true},
    Row{429, "PostpaidBillOverdue", "", Account, Service, kBillAdvice, true},
    Row{429, "BudgetLimitExceeded", "", Account, Service, kBillAdvice, true},
    unread(500, "InternalError.Algo", "missing content-length"),
    Row{500, "InternalError", "", Retry, Service},
    Row{500, "SystemError", "", Retry, Service},
    Row{500, "ModelServiceFailed", "", Retry, Service},
    Row{500, "RewriteFailed", "", Retry, Service},
    Row{500, "RequestTimeOut", "", Retry, Service,
        "if it comes again, an input picture may be too large or the request too complex"},
    // A 503 says so too. Wrapped in a 200 it counts as the one that is a doubt.
    Row{500, "ModelServingError", "", Lane, Service},
    Row{503, "ModelUnavailable", "", Lane, Service},
};

std::string lowered(std::string_view text) {
  std::string lower{text};
  for (auto& each : lower) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  return lower;
}

bool fits(std::string_view code, std::string_view wanted) {
  if (!code.starts_with(wanted)) return false;
  return code.size() == wanted.size() || code[wanted.size()] == '.';
}

std::string message_of(ErrorWords const& error, std::string_view advice) {
  auto message = plain(error.message);
  if (message.empty()) message = "the service gave no reason";
  while (!advice.empty() && message.ends_with('.')) message.pop_back();
  if (!advice.empty()) message.append("; ").append(advice);
  if (!error.request_id.empty()) message += " (request " + plain(error.request_id) + ")";
  return message;
}

Trouble by_status(int status) {
  Trouble trouble;
  if (status == 401 || status == 403) trouble.kind = Account;
  if (status == 401) trouble.every_lane = true;
  if (status == 429) trouble.kind = Lane;
  if (status >= 500) trouble.kind = Retry;
  return trouble;
}

}  // namespace

std::span<Row const> error_table() {
  return kTable;
}

Row const* row_of(std::string_view code, std::string_view message) {
  auto const said_code = lowered(code), said = lowered(message);
  for (auto const& row : kTable)
    if (fits(said_code, lowered(row.code)) && said.find(row.text) != said.npos) return &row;
  return nullptr;
}

Trouble trouble_of(ErrorWords const& error, int status, milliseconds asked) {
  auto const* const row = row_of(error.code, error.message);
  auto trouble = by_status(status);
  if (row) {
    trouble.kind = row->kind;
    trouble.every_lane = row->every_lane;
  }
  trouble.input = row && row->input;
  if (row) trouble.over = row->over;
  trouble.code = plain(error.code);
  trouble.message = message_of(error, row ? row->advice : std::string_view{});
  trouble.retry_after = std::max(asked, row ? row->wait : milliseconds{0});
  return trouble;
}

}  // namespace wanspool::provider
