#ifndef CSPLATS_H
#define CSPLATS_H
#endif
