#ifndef CSPLATS_LOSSES_H
#define CSPLATS_LOSSES_H
#endif
