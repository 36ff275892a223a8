#include "train/presets.h"

#include "train/option_value.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* sgd, adam and rngd say what src/optimizer/defaults.c sets; a test holds them together. */
static const rfim_preset_info presets[] = {
    {"sgd", "optimizer=sgd learning-rate=0.05 schedule=linear momentum=0.9",
     "Stochastic gradient descent with momentum; the rate falls to 0 over the run."},
    {"adam",
     "optimizer=adam learning-rate=0.001 schedule=constant adam-beta1=0.9 adam-beta2=0.999 "
     "adam-epsilon=1e-8",
     "Adam with the constants of its authors (Kingma and Ba, 2015)."},
    {"rngd",
     "optimizer=rngd learning-rate=1 schedule=linear representation-first=shared "
     "representation=shared representation-last=shared step-control=output rho-output=0.75 "
     "rho=0.025 kappa=0 metric-pass=training metric-average=corrected metric-decay=0.95 "
     "metric-prior=1 "
     "metric-prior-samples=200 "
     "metric-units=typical shared-nu=mean metric-every=10 refresh-every=50 metric-ramp=200 "
     "metric-memory=automatic dataset-samples=10 damping=0 damping-dataset=0.125 "
     "damping-relative-to=trace sigma=1",
     "Relative natural gradient descent that needs no tuning: a trust region on how far the "
     "outputs of a batch move, damping by the batch, and no regard to the units of the inputs."},
    {"icml2017",
     "optimizer=rngd learning-rate=0.01 schedule=constant l2=0.001 representation-first=shared "
     "representation=neuron representation-last=shared step-control=fixed metric-pass=again "
     "metric-memory=ema metric-decay=0.995 metric-prior=1 metric-prior-samples=0 "
     "metric-average=exponential metric-units=given "
     "shared-nu=one metric-every=1 "
     "refresh-every=100 metric-ramp=0 damping=0.0001 damping-relative-to=trace "
     "sigma=1",
     "Relative natural gradient descent as in the experiments of Sun and Nielsen (ICML 2017): a "
     "second forward pass after each step collects the metric."},
    {"shared-fast",
     "optimizer=rngd learning-rate=0.3 schedule=linear representation-first=shared "
     "representation=shared representation-last=shared step-control=fixed metric-pass=training "
     "metric-memory=layer1=dataset,ema metric-decay=0.95 metric-prior=1 metric-prior-samples=0 "
     "metric-average=exponential "
     "metric-units=given shared-nu=one metric-every=20 "
     "refresh-every=100 metric-ramp=1000 damping=0.001 dataset-samples=0 damping-dataset=0 "
     "damping-relative-to=trace "
     "sigma=1",
     "Relative natural gradient descent at nearly the price of a gradient step: every layer as if "
     "linear, the first one whitened once by the whole training set."},
    {"neuron-fast",
     "optimizer=rngd learning-rate=0.2 schedule=linear representation-first=shared "
     "representation=neuron representation-last=shared step-control=fixed metric-pass=training "
     "metric-memory=layer1=dataset,ema metric-decay=0.95 metric-prior=1 metric-prior-samples=0 "
     "metric-average=exponential "
     "metric-units=given shared-nu=one metric-every=20 "
     "refresh-every=100 metric-ramp=1000 damping=0.001 dataset-samples=0 damping-dataset=0 "
     "damping-relative-to=trace "
     "sigma=1",
     "The same with a metric for each neuron of the hidden layers, which knows the slope of its "
     "activation."},
    {"neuron-batch",
     "optimizer=rngd learning-rate=0.1 schedule=linear representation-first=shared "
     "representation=neuron representation-last=shared step-control=fixed metric-pass=training "
     "metric-memory=layer1=dataset,batch metric-decay=0.95 metric-prior=1 metric-prior-samples=0 "
     "metric-average=exponential metric-units=given shared-nu=one metric-every=20 "
     "refresh-every=100 metric-ramp=0 damping=0.05 dataset-samples=0 damping-dataset=0 "
     "damping-relative-to=trace "
     "sigma=1",
     "A metric for each neuron from the batch of the step alone, in dual form: no memory for the "
     "metrics of wide layers; single batches want more damping."},
    {"foof",
     "optimizer=rngd learning-rate=0.3 schedule=linear representation-first=shared "
     "representation=shared representation-last=shared response=own step-control=fixed "
     "metric-pass=training metric-memory=ema metric-average=corrected metric-decay=0.95 "
     "metric-prior=4 metric-prior-samples=0 metric-units=given shared-nu=one metric-every=5 "
     "refresh-every=20 "
     "metric-ramp=0 "
     "damping=0.001 damping-relative-to=trace sigma=1",
     "FOOF (Benzing, 2022): every layer's metric is that of a linear response of its own, and the "
     "step is the learning rate's alone."},
    {"kfac",
     "optimizer=rngd learning-rate=1 schedule=linear representation-first=kronecker "
     "representation=kronecker representation-last=kronecker response=network curvature=sampled "
     "step-control=trust rho=0.01 kappa=0 metric-pass=training metric-memory=ema "
     "metric-average=corrected metric-decay=0.95 metric-prior=4 metric-prior-samples=0 "
     "metric-units=typical shared-nu=one "
     "metric-every=5 refresh-every=20 metric-ramp=0 "
     "damping=0.01 damping-relative-to=mean-diagonal sigma=1",
     "K-FAC (Martens and Grosse, 2015): the network's response, a Kronecker product for each "
     "layer, sampled curvature, factored damping; its steps are cut by a trust region."},
};

size_t rfim_presets_count(void)
{
    return sizeof presets / sizeof *presets;
}

const rfim_preset_info *rfim_presets_info(size_t index)
{
    return index < rfim_presets_count() ? &presets[index] : NULL;
}

const rfim_preset_info *rfim__preset_find(const char *name)
{
    for (size_t index = 0; index < rfim_presets_count(); index++)
        if (strcmp(presets[index].name, name) == 0)
            return &presets[index];
    return NULL;
}

/* Sets options from "name=value name=value ...". The texts above are ours: they are right. */
static void apply_settings(const char *settings, rfim_options *options)
{
    for (const char *at = settings; *at;) {
        char setting[64];
        size_t length = strcspn(at, " ");
        assert(length < sizeof setting);
        memcpy(setting, at, length);
        setting[length] = '\0';
        char *value = strchr(setting, '=');
        assert(value);
        *value++ = '\0';
        const rfim__option *option = rfim__option_find(setting);
        bool is_set = option && rfim__option_parse(option, options, value);
        assert(is_set);
        (void)is_set;
        at += length + strspn(at + length, " ");
    }
}

rfim_method rfim__preset_method(const rfim_preset_info *preset)
{
    /* The first setting of every preset is its method. */
    rfim_options options;
    memset(&options, 0, sizeof options);
    apply_settings(preset->settings, &options);
    return options.optimizer.method;
}

void rfim__preset_apply(const rfim_preset_info *preset, rfim_options *options)
{
    size_t memory = options->optimizer.memory; /* of the machine, not of the method */
    size_t accumulate = options->optimizer.accumulate;
    rfim_optimizer_defaults(rfim__preset_method(preset), &options->optimizer);
    options->optimizer.memory = memory;
    options->optimizer.accumulate = accumulate;
    apply_settings(preset->settings, options);
    snprintf(options->preset, sizeof options->preset, "%s", preset->name);
}
