/* The compiled copy of the loop of `fast_sales` with `fast_sale.sell_today`, for the plainest of sales.

   It takes what a till sends a million times: few fields, plain text, a sale of the open day of an item that is known and awake.
   It stops before whatever else a record is, and leaves that to the Python beside it: this here never decides that something is
   wrong, only that it is not plain. Fields of books are read where msgspec keeps them, as the interpreter itself does it. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>
#include <stdint.h>
#include <string.h>

#define DIGEST 8
#define MOVEMENT 12
#define EVENT_ID_BYTES 128
#define SKU_BYTES 128
#define LOCATION_BYTES 64
#define MOST_UNITS 1000000000LL
/* Whole numbers up to here are doubles without a loss. */
#define MOST_EXACT 9007199254740992LL
/* Sums of three such units fit into 64 bits. */
#define MOST_STOCK (1LL << 60)
/* After so many sales, some two milliseconds, the thread that fetches may have the interpreter. */
#define TURN 1024

typedef struct {
    const char *text;
    Py_ssize_t size;
} Slice;

typedef struct {
    Slice event_id, location, sku;
    double at;
    long long quantity;
} PlainSale;

/* Where a book and its demand keep their fields. */
enum {
    ON_HAND, ON_ORDER, BACKORDERS, RESERVED, WAKE_POSITION, WAKE_ON_HAND, WAKE_SOLD, SOLD, COUNT_ERROR, COUNTED_AT, FORGOTTEN,
    CLOCK, APPLIED, DIGESTS, MOVEMENTS, DEMAND, ITEM, COUNT_EXPLAINS, BOOK_FIELDS
};
static const char *const book_fields[BOOK_FIELDS] = {
    "on_hand", "on_order", "backorders", "reserved", "wake_position", "wake_on_hand", "wake_sold", "sold", "count_error",
    "counted_at", "forgotten", "clock", "applied", "digests", "movements", "demand", "item", "count_explains",
};
enum { DAY_SOLD, DAY_BEGINS, DAY_ENDS, PENDING, DEMAND_FIELDS };
static const char *const demand_fields[DEMAND_FIELDS] = {"sold", "day_begins", "day_ends", "pending"};

typedef struct {
    PyObject_HEAD
    double earliest, ahead, open_seconds;
    Py_ssize_t longest, most_digests;
    PyObject *book_type, *demand_type, *digest, *note_backlog;
    Py_ssize_t of_book[BOOK_FIELDS], of_demand[DEMAND_FIELDS];
} PlainSales;

static PyObject *name_value, *name_offset, *name_timestamp, *name_headers;

#define SLOT(object, place) (*(PyObject **)((char *)(object) + (place)))

/* ---- What a sale says ---- */

static const char *skip_spaces(const char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    return at;
}

/* Read a string of printable ASCII without escapes; NULL if it is anything else, or empty, or longer than `most`. */
static const char *read_text(const char *at, const char *end, Py_ssize_t most, Slice *slice)
{
    const char *begin;
    if (at >= end || *at != '"')
        return NULL;
    begin = ++at;
    while (at < end && *at != '"') {
        if (*at < 0x20 || *at > 0x7e || *at == '\\')
            return NULL;
        at++;
    }
    slice->text = begin;
    slice->size = at - begin;
    if (at >= end || !slice->size || slice->size > most)
        return NULL;
    return at + 1;
}

static int two(const char *at)
{
    unsigned tens = (unsigned char)at[0] - '0', ones = (unsigned char)at[1] - '0';
    return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

/* Days since 1970 of a date of the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static long long days_of(int year, int month, int day)
{
    int y = year - (month <= 2);
    int era = y / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return (long long)era * 146097 + (of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468;
}

/* Read an instant such as 2025-10-10T08:00:00.25Z, or with +00:00, as what `datetime.timestamp` gives of it. */
static int read_instant(Slice slice, double *at)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *text = slice.text, *end = slice.text + slice.size;
    int century, rest, year, month, day, hour, minute, second, last;
    long long micros = 0, seconds;
    if (slice.size < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return 0;
    century = two(text);
    rest = two(text + 2);
    month = two(text + 5);
    day = two(text + 8);
    hour = two(text + 11);
    minute = two(text + 14);
    second = two(text + 17);
    if (century < 19 || rest < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59
        || second < 0 || second > 59)
        return 0;
    year = century * 100 + rest;
    if (year < 1970 || year > 2200)
        return 0;
    last = lengths[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    if (day > last)
        return 0;
    text += 19;
    if (*text == '.') {
        int digits = 0;
        for (text++; text < end && *text >= '0' && *text <= '9'; text++, digits++)
            micros = micros * 10 + (*text - '0');
        if (!digits || digits > 6)
            return 0;
        for (; digits < 6; digits++)
            micros *= 10;
    }
    if (!(end - text == 1 && *text == 'Z') && !(end - text == 6 && memcmp(text, "+00:00", 6) == 0))
        return 0;
    seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *at = (double)(seconds * 1000000 + micros) / 1e6;
    return 1;
}

/* Read a whole number of units, at least 1. */
static const char *read_quantity(const char *at, const char *end, long long *quantity)
{
    const char *begin = at;
    long long number = 0;
    for (; at < end && *at >= '0' && *at <= '9' && at - begin < 11; at++)
        number = number * 10 + (*at - '0');
    if (at == begin || *begin == '0' || number > MOST_UNITS)
        return NULL;
    *quantity = number;
    return at;
}

/* Pass over an amount of money that is certainly one: at most eleven digits before the point, and fifteen after it. */
static const char *pass_money(const char *at, const char *end)
{
    const char *begin = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    if (at == begin || at - begin > 11 || (*begin == '0' && at - begin > 1))
        return NULL;
    if (at < end && *at == '.') {
        begin = ++at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        if (at == begin || at - begin > 15)
            return NULL;
    }
    return at;
}

#define IS(slice, word) ((slice).size == sizeof(word) - 1 && memcmp((slice).text, word, sizeof(word) - 1) == 0)
enum { SEEN_EVENT_ID = 1, SEEN_AT = 2, SEEN_LOCATION = 4, SEEN_SKU = 8, SEEN_QUANTITY = 16, SEEN_ALL = 31 };

/* Return whether a value is a plain sale, and what it says. */
static int read_sale(const char *at, const char *end, PlainSale *sale)
{
    int seen = 0, others = 0;
    if (at >= end || *at++ != '{')
        return 0;
    for (;;) {
        Slice name, text;
        int bit = 0;
        at = read_text(at, end, 32, &name);
        if (at == NULL || at >= end || *at++ != ':')
            return 0;
        at = skip_spaces(at, end);
        if (IS(name, "event_id")) {
            bit = SEEN_EVENT_ID;
            at = read_text(at, end, EVENT_ID_BYTES, &sale->event_id);
        } else if (IS(name, "occurred_at")) {
            bit = SEEN_AT;
            at = read_text(at, end, 40, &text);
            if (at == NULL || !read_instant(text, &sale->at))
                return 0;
        } else if (IS(name, "location")) {
            bit = SEEN_LOCATION;
            at = read_text(at, end, LOCATION_BYTES, &sale->location);
            if (at == NULL || memchr(sale->location.text, '/', sale->location.size))
                return 0;
        } else if (IS(name, "sku")) {
            bit = SEEN_SKU;
            at = read_text(at, end, SKU_BYTES, &sale->sku);
        } else if (IS(name, "quantity")) {
            bit = SEEN_QUANTITY;
            at = read_quantity(at, end, &sale->quantity);
        } else {
            /* What else may be said of a plain sale, each once. */
            if (IS(name, "unit_price")) {
                bit = 1;
                at = pass_money(at, end);
            } else if (IS(name, "transaction_id")) {
                bit = 2;
                at = read_text(at, end, EVENT_ID_BYTES, &text);
            } else if (IS(name, "kind")) {
                bit = 4;
                at = read_text(at, end, 8, &text);
                if (at != NULL && !IS(text, "sale"))
                    return 0;
            } else {
                return 0;
            }
            if (others & bit)
                return 0;
            others |= bit;
            bit = 0;
        }
        if (at == NULL || at >= end || seen & bit)
            return 0;
        seen |= bit;
        if (*at == ',') {
            at = skip_spaces(at + 1, end);
            continue;
        }
        return *at == '}' && at + 1 == end && seen == SEEN_ALL;
    }
}

/* ---- What it does to a book ---- */

static int whole(PyObject *object, long long *number)
{
    int overflow;
    if (object == NULL || !PyLong_CheckExact(object))
        return 0;
    *number = PyLong_AsLongLongAndOverflow(object, &overflow);
    return !overflow;
}

static int stock(PyObject *object, long long *number)
{
    return whole(object, number) && *number < MOST_STOCK && *number > -MOST_STOCK;
}

/* A time; some are whole numbers. */
static int real(PyObject *object, double *number)
{
    long long same;
    if (object != NULL && PyFloat_CheckExact(object)) {
        *number = PyFloat_AS_DOUBLE(object);
        return 1;
    }
    if (!whole(object, &same) || same > MOST_EXACT || same < -MOST_EXACT)
        return 0;
    *number = (double)same;
    return 1;
}

/* Put a new object into a field; 0 if there is none. */
static int put(PyObject *object, Py_ssize_t place, PyObject *value)
{
    PyObject *before;
    if (value == NULL)
        return 0;
    before = SLOT(object, place);
    SLOT(object, place) = value;
    Py_XDECREF(before);
    return 1;
}

static int append(PyObject *bytes, const void *from, Py_ssize_t size)
{
    Py_ssize_t before = PyByteArray_GET_SIZE(bytes);
    if (PyByteArray_Resize(bytes, before + size) < 0)
        return 0;
    memcpy(PyByteArray_AS_STRING(bytes) + before, from, size);
    return 1;
}

/* Whether a digest may be among others, wherever it begins, as `in` would find it. */
static int holds(PyObject *digests, uint64_t digest)
{
    const char *at = PyByteArray_AS_STRING(digests);
    Py_ssize_t size = PyByteArray_GET_SIZE(digests), place;
    for (place = 0; place + DIGEST <= size; place += DIGEST) {
        uint64_t one;
        memcpy(&one, at + place, DIGEST);
        if (one == digest)
            return 1;
    }
    return 0;
}

enum { NOT_PLAIN, ASLEEP, WOKEN, FAILED };

typedef struct {
    double at, stamp, watermark, latest;
    long long offset, quantity;
    Slice event_id;
} Fact;

static int sell(PlainSales *self, PyObject *book, const Fact *fact)
{
    const Py_ssize_t *of = self->of_book, *of_demand = self->of_demand;
    PyObject *demand, *applied, *digests, *movements, *pending, *id, *digested;
    double clock, over, begins, ends, forgotten, counted_at, count_explains;
    long long before, sold, day_sold, on_hand, on_order, reserved, backorders, count_error, wake_position, wake_on_hand, wake_sold;
    uint64_t digest;
    char movement[MOVEMENT];
    int32_t change = (int32_t)-fact->quantity;

    if (SLOT(book, of[ITEM]) == Py_None || SLOT(book, of[ITEM]) == NULL)
        return NOT_PLAIN;
    applied = SLOT(book, of[APPLIED]);
    demand = SLOT(book, of[DEMAND]);
    digests = SLOT(book, of[DIGESTS]);
    movements = SLOT(book, of[MOVEMENTS]);
    if (applied == NULL || !PyList_CheckExact(applied) || PyList_GET_SIZE(applied) < 1
        || !whole(PyList_GET_ITEM(applied, 0), &before) || fact->offset <= before)
        return NOT_PLAIN;
    if (demand == NULL || (PyObject *)Py_TYPE(demand) != self->demand_type || digests == NULL || !PyByteArray_CheckExact(digests)
        || movements == NULL || !PyByteArray_CheckExact(movements))
        return NOT_PLAIN;
    if (!real(SLOT(book, of[CLOCK]), &clock))
        return NOT_PLAIN;
    over = clock + self->open_seconds;
    if (!(fact->watermark < over && self->earliest <= fact->at && fact->at < over && fact->stamp <= fact->latest
          && fact->at <= fact->stamp / 1000 + self->ahead))
        return NOT_PLAIN;
    pending = SLOT(demand, of_demand[PENDING]);
    if (!real(SLOT(demand, of_demand[DAY_BEGINS]), &begins) || !real(SLOT(demand, of_demand[DAY_ENDS]), &ends)
        || !real(SLOT(book, of[FORGOTTEN]), &forgotten) || !(begins <= fact->at && fact->at < ends) || fact->at <= forgotten
        || pending == NULL || !PyDict_CheckExact(pending))
        return NOT_PLAIN;
    if (!real(SLOT(book, of[COUNTED_AT]), &counted_at) || !real(SLOT(book, of[COUNT_EXPLAINS]), &count_explains)
        || !stock(SLOT(book, of[SOLD]), &sold) || !stock(SLOT(demand, of_demand[DAY_SOLD]), &day_sold)
        || !stock(SLOT(book, of[ON_HAND]), &on_hand) || !stock(SLOT(book, of[ON_ORDER]), &on_order)
        || !stock(SLOT(book, of[RESERVED]), &reserved) || !stock(SLOT(book, of[BACKORDERS]), &backorders)
        || !stock(SLOT(book, of[COUNT_ERROR]), &count_error) || !whole(SLOT(book, of[WAKE_POSITION]), &wake_position)
        || !whole(SLOT(book, of[WAKE_ON_HAND]), &wake_on_hand) || !whole(SLOT(book, of[WAKE_SOLD]), &wake_sold))
        return NOT_PLAIN;

    id = PyBytes_FromStringAndSize(fact->event_id.text, fact->event_id.size);
    if (id == NULL)
        return FAILED;
    digested = PyObject_CallOneArg(self->digest, id);
    Py_DECREF(id);
    if (digested == NULL)
        return FAILED;
    if (!PyBytes_CheckExact(digested) || PyBytes_GET_SIZE(digested) != DIGEST) {
        Py_DECREF(digested);
        return NOT_PLAIN;
    }
    memcpy(&digest, PyBytes_AS_STRING(digested), DIGEST);
    Py_DECREF(digested);
    if (holds(digests, digest))
        return NOT_PLAIN;

    /* From here on it is done, to its end. */
    memcpy(movement, &fact->at, 8);
    memcpy(movement + 8, &change, 4);
    if (!append(digests, &digest, DIGEST) || !append(movements, movement, MOVEMENT))
        return FAILED;
    day_sold += fact->quantity;
    if (!put(book, of[SOLD], PyLong_FromLongLong(sold + fact->quantity))
        || !put(demand, of_demand[DAY_SOLD], PyLong_FromLongLong(day_sold)))
        return FAILED;
    if (fact->at > counted_at) {
        on_hand -= fact->quantity;
        if (!put(book, of[ON_HAND], PyLong_FromLongLong(on_hand)))
            return FAILED;
    } else if (fact->at > count_explains) {
        if (!put(book, of[COUNT_ERROR], PyLong_FromLongLong(count_error + fact->quantity)))
            return FAILED;
    }
    if (PyDict_GET_SIZE(pending)) {
        PyObject *at = PyFloat_FromDouble(fact->at), *noted;
        if (at == NULL)
            return FAILED;
        noted = PyObject_CallFunctionObjArgs(self->note_backlog, book, at, NULL);
        Py_DECREF(at);
        if (noted == NULL)
            return FAILED;
        Py_DECREF(noted);
    }
    {
        PyObject *offset = PyLong_FromLongLong(fact->offset);
        if (offset == NULL || PyList_SetItem(applied, 0, offset) < 0)
            return FAILED;
    }
    return on_hand <= wake_on_hand || day_sold >= wake_sold || on_hand + on_order + reserved - backorders <= wake_position
               ? WOKEN
               : ASLEEP;
}

/* ---- The loop ---- */

static int number_of(PyObject *record, PyObject *name, long long *number)
{
    PyObject *found = PyObject_GetAttr(record, name);
    int is_whole;
    if (found == NULL)
        return -1;
    is_whole = whole(found, number) && *number < MOST_EXACT && *number > -MOST_EXACT;
    Py_DECREF(found);
    return is_whole;
}

static int headers_of(PyObject *record)
{
    PyObject *headers = PyObject_GetAttr(record, name_headers);
    int some;
    if (headers == NULL)
        return -1;
    some = PyObject_IsTrue(headers);
    Py_DECREF(headers);
    return some;
}

static PyObject *key_of(const PlainSale *sale)
{
    Py_ssize_t location = sale->location.size, sku = sale->sku.size;
    PyObject *key = PyUnicode_New(location + 1 + sku, 127);
    if (key != NULL) {
        char *text = (char *)PyUnicode_1BYTE_DATA(key);
        memcpy(text, sale->location.text, location);
        text[location] = '/';
        memcpy(text + location + 1, sale->sku.text, sku);
    }
    return key;
}

PyDoc_STRVAR(run_doc,
"run(records, place, books, dirty, watermark, newest, latest, let_go)\n--\n\n"
"Apply plain sales from a place on, up to the first that is none, or that wakes its book.\n\n"
"Return the place to go on at, how many were applied, the newest of their times, the watermark, and the book that woke with its\n"
"key, or None twice.");

static PyObject *run(PlainSales *self, PyObject *const *args, Py_ssize_t count)
{
    PyObject *records, *books, *dirty, *let_go, *woken = NULL, *woken_key = NULL, *result;
    Py_ssize_t place, end;
    double watermark, newest, latest;
    long applied = 0;
    if (count != 8) {
        PyErr_SetString(PyExc_TypeError, "run takes eight arguments");
        return NULL;
    }
    records = args[0];
    place = PyLong_AsSsize_t(args[1]);
    books = args[2];
    dirty = args[3];
    watermark = PyFloat_AsDouble(args[4]);
    newest = PyFloat_AsDouble(args[5]);
    latest = PyFloat_AsDouble(args[6]);
    let_go = args[7];
    if (PyErr_Occurred())
        return NULL;
    if (!PyList_Check(records) || !PyDict_Check(books) || !PySet_Check(dirty)) {
        PyErr_SetString(PyExc_TypeError, "run takes a list of records, a dict of books, and a set of keys");
        return NULL;
    }
    end = PyList_GET_SIZE(records);
    while (place < end && woken == NULL) {
        PyObject *record = PyList_GET_ITEM(records, place), *value, *key, *book;
        PlainSale sale;
        Fact fact = {0};
        long long stamp = 0;
        int is_plain, outcome;

        value = PyObject_GetAttr(record, name_value);
        if (value == NULL)
            return NULL;
        if (applied % TURN == TURN - 1) {
            Py_BEGIN_ALLOW_THREADS
            Py_END_ALLOW_THREADS
        }
        is_plain = PyBytes_CheckExact(value) && PyBytes_GET_SIZE(value) <= self->longest
                   && read_sale(PyBytes_AS_STRING(value), PyBytes_AS_STRING(value) + PyBytes_GET_SIZE(value), &sale);
        if (is_plain) {
            int headers = headers_of(record), offset = number_of(record, name_offset, &fact.offset),
                stamped = number_of(record, name_timestamp, &stamp);
            if (headers < 0 || offset < 0 || stamped < 0) {
                Py_DECREF(value);
                return NULL;
            }
            is_plain = !headers && offset && stamped;
        }
        if (!is_plain) {
            Py_DECREF(value);
            break;
        }
        key = key_of(&sale);
        book = key == NULL ? NULL : PyDict_GetItemWithError(books, key);
        if (book == NULL || (PyObject *)Py_TYPE(book) != self->book_type) {
            Py_XDECREF(key);
            Py_DECREF(value);
            if (PyErr_Occurred())
                return NULL;
            break;
        }
        Py_INCREF(book);
        fact.at = sale.at;
        fact.stamp = (double)stamp;
        fact.watermark = watermark;
        fact.latest = latest;
        fact.quantity = sale.quantity;
        fact.event_id = sale.event_id;
        outcome = sell(self, book, &fact);
        Py_DECREF(value);
        if (outcome == ASLEEP || outcome == WOKEN) {
            place++;
            applied++;
            if (fact.at > newest) {
                newest = fact.at;
                if (fact.at > watermark)
                    watermark = fact.at;
            }
            if (PySet_Add(dirty, key) < 0)
                outcome = FAILED;
            else if (PyByteArray_GET_SIZE(SLOT(book, self->of_book[DIGESTS])) > self->most_digests) {
                PyObject *now = PyFloat_FromDouble(watermark);
                PyObject *gone = now == NULL ? NULL : PyObject_CallFunctionObjArgs(let_go, book, key, now, NULL);
                Py_XDECREF(now);
                if (gone == NULL)
                    outcome = FAILED;
                Py_XDECREF(gone);
            }
        }
        if (outcome == WOKEN) {
            woken = book;
            woken_key = key;
            break;
        }
        Py_DECREF(book);
        Py_DECREF(key);
        if (outcome == FAILED)
            return NULL;
        if (outcome == NOT_PLAIN)
            break;
    }
    result = Py_BuildValue("nlddOO", place, applied, newest, watermark, woken ? woken : Py_None, woken_key ? woken_key : Py_None);
    Py_XDECREF(woken);
    Py_XDECREF(woken_key);
    return result;
}

/* ---- The type ---- */

static int find_fields(PyObject *type, const char *const *names, int count, Py_ssize_t *places)
{
    int number;
    for (number = 0; number < count; number++) {
        PyObject *found = PyObject_GetAttrString(type, names[number]);
        int is_field;
        if (found == NULL)
            return 0;
        is_field = Py_TYPE(found) == &PyMemberDescr_Type && ((PyMemberDescrObject *)found)->d_member->type == T_OBJECT_EX;
        if (is_field)
            places[number] = ((PyMemberDescrObject *)found)->d_member->offset;
        Py_DECREF(found);
        if (!is_field) {
            PyErr_Format(PyExc_TypeError, "%s is no field of a struct", names[number]);
            return 0;
        }
    }
    return 1;
}

static PyObject *plain_sales_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"earliest", "ahead", "longest", "open_seconds", "most_digests", "book", "demand", "digest", "note_backlog",
                            NULL};
    PlainSales *self = (PlainSales *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "ddndnOOOO", names, &self->earliest, &self->ahead, &self->longest,
                                     &self->open_seconds, &self->most_digests, &self->book_type, &self->demand_type, &self->digest,
                                     &self->note_backlog)) {
        self->book_type = self->demand_type = self->digest = self->note_backlog = NULL;
        Py_DECREF(self);
        return NULL;
    }
    Py_INCREF(self->book_type);
    Py_INCREF(self->demand_type);
    Py_INCREF(self->digest);
    Py_INCREF(self->note_backlog);
    if (!find_fields(self->book_type, book_fields, BOOK_FIELDS, self->of_book)
        || !find_fields(self->demand_type, demand_fields, DEMAND_FIELDS, self->of_demand)) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void plain_sales_dealloc(PlainSales *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(self->book_type);
    Py_XDECREF(self->demand_type);
    Py_XDECREF(self->digest);
    Py_XDECREF(self->note_backlog);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"run", (PyCFunction)(void (*)(void))run, METH_FASTCALL, run_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Applies plain sales to books."},
    {Py_tp_new, plain_sales_new},
    {Py_tp_dealloc, plain_sales_dealloc},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {"andon.agents._plain_sales.PlainSales", sizeof(PlainSales), 0, Py_TPFLAGS_DEFAULT, slots};

PyDoc_STRVAR(read_doc, "read(value)\n--\n\nReturn event id, time, location, sku and quantity of a plain sale; None if it is none.");

static PyObject *read_value(PyObject *module, PyObject *value)
{
    PlainSale sale;
    (void)module;
    if (!PyBytes_CheckExact(value) || !read_sale(PyBytes_AS_STRING(value), PyBytes_AS_STRING(value) + PyBytes_GET_SIZE(value), &sale))
        Py_RETURN_NONE;
    return Py_BuildValue("s#ds#s#L", sale.event_id.text, sale.event_id.size, sale.at, sale.location.text, sale.location.size,
                         sale.sku.text, sale.sku.size, sale.quantity);
}

static PyMethodDef functions[] = {
    {"read", read_value, METH_O, read_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_plain_sales", "The compiled copy of the loop over plain sales.", -1,
                                        functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__plain_sales(void)
{
    PyObject *module = PyModule_Create(&definition), *type;
    if (module == NULL)
        return NULL;
    name_value = PyUnicode_InternFromString("value");
    name_offset = PyUnicode_InternFromString("offset");
    name_timestamp = PyUnicode_InternFromString("timestamp");
    name_headers = PyUnicode_InternFromString("headers");
    type = PyType_FromSpec(&spec);
    if (!name_value || !name_offset || !name_timestamp || !name_headers || type == NULL
        || PyModule_AddObject(module, "PlainSales", type) < 0) {
        Py_XDECREF(type);
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
