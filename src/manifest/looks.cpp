#include <fmt/format.h>

#include "manifest/expansion.h"
#include "manifest/expansion_job.h"
#include "manifest/hints.h"
#include "manifest/syntax.h"

namespace wanspool::yaml {
namespace {

// Where a piece of a value stands in its source, as far as one can tell.
std::size_t place_of(View value, std::string_view piece, Text const& text) {
  auto const begin = scalar_begin(text.bytes(), value.at());
  auto const at = text.bytes().substr(begin, 2 * value.text().size() + 1000).find(piece);
  return at == std::string_view::npos ? value.at() : begin + at;
}

std::string remedy(BareName const& bare) {
  return fmt::format("'{}' is sent as it stands; write ${{{}}} for what it stands for", bare.written,
                     bare.name);
}

}  // namespace

// Once for each job as written, and for each prompt that overrides bring.
void Expansion::look_over(Written& job, Layers const& layers, ManifestJob const& read) {
  bool const first = job.prompt == nullptr;
  auto const prompt = layers.find("prompt");
  auto const* const node = prompt ? &prompt->node() : &job.view.node();
  if (job.prompt == node) return;
  job.prompt = node;
  if (prompt) look_at_prompt(job, *prompt);
  if (!first) return;
  look_at_fragments(job);
  if (auto const picture = layers.find("picture"); picture && !read.place.empty())
    look_at_picture(*picture, read);
}

void Expansion::look_at_prompt(Written const& job, View prompt) {
  if (prompt.is(Node::Kind::Scalar))
    find_bare_names(prompt.text(), [&](BareName const& bare) {
      if (job.scope.is_given(bare.name))
        warnings_.add(place_of(prompt, bare.written, complaints_.text()), remedy(bare));
    });
  auto const* const file = prompts_.last();
  if (!prompt.is(Node::Kind::Map) || prompt.size() != 2 || file == nullptr || file->flaw || !file->text)
    return;
  find_bare_names(file->text->bytes(), [&](BareName const& bare) {
    if (job.scope.is_given(bare.name))
      warnings_.add_in_file(file->name, file->text->place(bare.at), prompt[1], remedy(bare));
  });
}

void Expansion::look_at_fragments(Written const& job) {
  if (fragments_seen_ && !job.rows && job.matrix.axes().empty()) return;
  fragments_seen_ = true;
  for (auto const& [name, node] : manifest_.fragments) {
    View const fragment{node};
    if (!fragment.is(Node::Kind::Scalar)) continue;
    find_bare_names(fragment.text(), [&](BareName const& bare) {
      if (job.scope.is_given(bare.name))
        warnings_.add(place_of(fragment, bare.written, complaints_.text()), remedy(bare));
    });
  }
}

void Expansion::look_at_picture(View picture, ManifestJob const& read) {
  auto const ending = picture_ending(read.place);
  if (ending.empty()) return;
  bool const written = !picture_ending(picture.text()).empty();
  warnings_.add(picture, fmt::format("the ending is added, so that this becomes '{}{}.png'; {}", read.place,
                                     read.pictures > 1 ? "-1" : "",
                                     written ? fmt::format("leave '{}' out", ending)
                                             : std::string{"${NAME.stem} is the name of a file without it"}));
}

}  // namespace wanspool::yaml
