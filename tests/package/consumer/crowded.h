// What other libraries define as macros.
#pragma once

#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#define PAGE_SIZE 4096
#define PAGE_SHIFT 12
#define READ 0
#define WRITE 1
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
