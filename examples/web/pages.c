// demo:web/pages: a synchronous library with the site's content.
#include "web.h"
static struct { u8 some; page v; } ret;

static void put_page(str title, str a, str b) {
  ret.some = 1;
  ret.v = (page){str_copy(title), {alloc(2 * sizeof(str)), 2}};
  ret.v.paragraphs.p[0] = str_copy(a);
  ret.v.paragraphs.p[1] = str_copy(b);
}

EXPORT(PAGES "#find") void *find(chr *p, u32 n) {
  str path = {p, n};
  memset(&ret, 0, sizeof ret);
  if (str_eq(path, LIT("/")))
    put_page(LIT("Welcome"), LIT("Grüße & salutations."), LIT("1 < 2"));
  else if (str_eq(path, LIT("/about")))
    put_page(LIT("About"), LIT("Five components serve this page."), LIT("Two of them are libraries in the module of a third one."));
  str_free(path);
  return &ret;
}
EXPORT("cabi_post_" PAGES "#find") void post_find(void *r) { if (ret.some) page_free(ret.v); }
