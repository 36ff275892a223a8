#include "optimizer/background.h"

#include <pthread.h>

struct rfim__background {
    rfim_context *context;
    rfim__algebra *algebra; /* the thread's own */
    rfim__metric **metrics; /* [count] of the batch */
    rfim_metric_refresh_report *reports;
    size_t count;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool locks; /* lock and changed are there */
    bool runs;  /* the thread is */
    bool busy;  /* a batch is under way; guarded by lock, as is quit */
    bool quit;
};

static void factorise(rfim__background *background)
{
    for (size_t k = 0; k < background->count; k++)
        background->reports[k] = rfim__metric_factorise_next(background->metrics[k],
                                                             background->algebra);
}

static void *work(void *data)
{
    rfim__background *background = data;
    rfim__algebra_adopt_thread();
    pthread_mutex_lock(&background->lock);
    while (!background->quit) {
        if (!background->busy) {
            pthread_cond_wait(&background->changed, &background->lock);
            continue;
        }
        pthread_mutex_unlock(&background->lock);
        factorise(background);
        pthread_mutex_lock(&background->lock);
        background->busy = false;
        pthread_cond_broadcast(&background->changed);
    }
    pthread_mutex_unlock(&background->lock);
    return NULL;
}

static void wait_until_idle(rfim__background *background)
{
    pthread_mutex_lock(&background->lock);
    while (background->busy)
        pthread_cond_wait(&background->changed, &background->lock);
    pthread_mutex_unlock(&background->lock);
}

static rfim_status start_thread(rfim__background *background)
{
    if (pthread_mutex_init(&background->lock, NULL) != 0)
        return RFIM_ERROR_MEMORY;
    if (pthread_cond_init(&background->changed, NULL) != 0) {
        pthread_mutex_destroy(&background->lock);
        return RFIM_ERROR_MEMORY;
    }
    background->locks = true;
    background->busy = true; /* an empty batch: a thread allocates as it begins, steps do not */
    background->runs = pthread_create(&background->thread, NULL, work, background) == 0;
    if (background->runs) {
        wait_until_idle(background);
        return RFIM_OK;
    }
    return rfim__fail(background->context, RFIM_ERROR_MEMORY,
                      "no thread could be started to factorise metrics in the background; take "
                      "--refresh-delay 0");
}

rfim_status rfim__background_create(const rfim__algebra *algebra, size_t metrics, size_t room,
                                    rfim__background **out)
{
    rfim_context *context = algebra->context;
    rfim__background *background = rfim__allocate(context, 1, sizeof *background);
    rfim_status status = RFIM_ERROR_MEMORY;
    *out = background;
    if (!background)
        return status;
    background->context = context;
    background->metrics = rfim__allocate(context, metrics, sizeof(rfim__metric *));
    background->reports = rfim__allocate(context, metrics, sizeof *background->reports);
    if (background->metrics && background->reports)
        status = rfim__algebra_create_aside(algebra, room, &background->algebra);
    if (status == RFIM_OK)
        status = start_thread(background);
    if (status != RFIM_OK) {
        rfim__background_free(background);
        *out = NULL;
    }
    return status;
}

void rfim__background_free(rfim__background *background)
{
    if (!background)
        return;
    if (background->runs) {
        wait_until_idle(background);
        pthread_mutex_lock(&background->lock);
        background->quit = true;
        pthread_cond_broadcast(&background->changed);
        pthread_mutex_unlock(&background->lock);
        pthread_join(background->thread, NULL);
    }
    if (background->locks) {
        pthread_cond_destroy(&background->changed);
        pthread_mutex_destroy(&background->lock);
    }
    rfim__algebra_free(background->algebra);
    rfim__release(background->context, background->metrics);
    rfim__release(background->context, background->reports);
    rfim__release(background->context, background);
}

void rfim__background_add(rfim__background *background, rfim__metric *metric)
{
    background->metrics[background->count++] = metric;
}

void rfim__background_start(rfim__background *background)
{
    pthread_mutex_lock(&background->lock);
    background->busy = true;
    pthread_cond_broadcast(&background->changed);
    pthread_mutex_unlock(&background->lock);
}

size_t rfim__background_finish(rfim__background *background,
                               const rfim_metric_refresh_report **reports)
{
    wait_until_idle(background);
    size_t count = background->count;
    background->count = 0;
    *reports = background->reports;
    return count;
}
