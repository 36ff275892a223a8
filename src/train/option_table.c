#include "train/option_table.h"

#include "core/nearest.h"
#include "optimizer/layers.h"
#include "train/presets.h"

#include <string.h>

#define FIELD(field) .offset = offsetof(rfim_options, field)
#define TEXT_FIELD(field) FIELD(field), .text_size = sizeof(((rfim_options *)0)->field)

const rfim__option rfim__option_table[] = {
    /* data */
    {.info = {"data", "data", "WHERE", "", NULL, NULL, NULL,
              "What to learn from: digits (built in: images), tabular (built in: a regression on "
              "20 columns), either with :TRAIN/VALID/TEST samples, mnist, or a folder with the "
              "four IDX files of MNIST, plain or .gz."},
     .kind = RFIM__OPTION_TEXT,
     TEXT_FIELD(data.where),
     .methods = RFIM__FOR_ALL,
     .value = "digits"},
    {.info = {"split", "data", "RULE", "", "standard|paper", NULL, NULL,
              "standard: the first 5/6 of the training file train, its last 1/6 validate, and the "
              "test file tests; paper: all samples are shuffled by the seed and cut 5/7, 1/7, "
              "1/7."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(data.split),
     .methods = RFIM__FOR_ALL,
     .value = "standard"},
    {.info = {"standardize", "data", "ANSWER", "", "no|yes", NULL, NULL,
              "Train on inputs less their mean over their standard deviation, both of the training "
              "split; those that never vary are only centred. The models that are kept take "
              "inputs as they are: it is folded into their first layer."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(data.standardize),
     .methods = RFIM__FOR_ALL,
     .value = "no"},
    {.info = {"train-samples", "data", "N", "samples", NULL, "0", NULL,
              "Train on the first N training samples only; 0 takes all."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(data.train_samples),
     .methods = RFIM__FOR_ALL,
     .value = "0"},
    {.info = {"data-seed", "data", "SEED", "", NULL, "0", NULL,
              "The number from which built-in data are made."},
     .kind = RFIM__OPTION_SEED,
     FIELD(data.data_seed),
     .methods = RFIM__FOR_ALL,
     .value = "1"},
    {.info = {"target", "data", "RULE", "", "automatic|data|inputs", NULL, NULL,
              "What the network learns to give: the data's targets, or its own inputs (an "
              "auto-encoder); automatic takes the inputs for a sigmoid or squared loss when there "
              "are as many outputs as inputs and the data have no values."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(train.target),
     .methods = RFIM__FOR_ALL,
     .value = "automatic"},

    /* network */
    {.info = {"network", "network", "SPEC", "", NULL, NULL, NULL,
              "The network: the widths of its layers and an activation, `784-80-80-10 relu`, with "
              "`bna` for batch normalisation after each hidden layer; or its modules one by one, "
              "`input 784; linear 80 relu; linear 10; loss softmax`."},
     .kind = RFIM__OPTION_TEXT,
     TEXT_FIELD(network),
     .methods = RFIM__FOR_ALL,
     .value = "784-80-80-80-10 relu"},
    {.info = {"loss", "network", "NAME", "", "network|softmax|sigmoid|squared", NULL, NULL,
              "The loss: soft-max cross entropy, sigmoid cross entropy or half the squared error; "
              "network leaves it to the text of the network."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(init.loss),
     .first_choice = -1,
     .methods = RFIM__FOR_ALL,
     .value = "network"},
    {.info = {"init", "network", "RULE", "", "glorot|he|whitened|SD", "above 0", NULL,
              "Initial weights: glorot (uniform, the bias included), he (normal), whitened (the "
              "first layer is normal in the coordinates in which the training inputs are white, "
              "so that their units do not matter; glorot for the others), or a number, the "
              "standard deviation of a normal."},
     .kind = RFIM__OPTION_INIT,
     FIELD(init.init),
     .methods = RFIM__FOR_ALL,
     .value = "glorot"},
    {.info = {"precision", "network", "NAME", "", "single|double", NULL, NULL,
              "Arithmetic of the network: float32 or float64."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(init.precision),
     .methods = RFIM__FOR_ALL,
     .value = "single"},

    /* optimizer */
    {.info = {"optimizer", "optimizer", "NAME", "", "sgd|adam|rngd", NULL, NULL,
              "The method: stochastic gradient descent, Adam, or relative natural gradient "
              "descent; it brings the preset of its name."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.method),
     .methods = RFIM__FOR_ALL,
     .value = "rngd"},
    {.info = {"preset", "optimizer", "NAME", "", RFIM__PRESET_CHOICES, NULL, NULL,
              "A bundle of optimizer options, which others change one by one (`rfim help "
              "presets`)."},
     .kind = RFIM__OPTION_TEXT,
     TEXT_FIELD(preset),
     .methods = RFIM__FOR_ALL,
     .value = "rngd"},
    {.info = {"learning-rate", "optimizer", "RATE", "", NULL, "above 0", NULL,
              "How far a step goes along its direction. Of few samples see --damping."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.learning_rate),
     .methods = RFIM__FOR_ALL,
     .value = "1"},
    {.info = {"schedule", "optimizer", "RULE", "", "constant|linear|cosine", NULL, NULL,
              "How the learning rate changes over the run: not at all, or down to 0 in a line or "
              "half a cosine."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.schedule),
     .methods = RFIM__FOR_ALL,
     .value = "linear"},
    {.info = {"warmup", "optimizer", "N", "steps", NULL, "0", NULL,
              "Over the first N steps the learning rate rises in a line from 0."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(optimizer.warmup),
     .methods = RFIM__FOR_ALL,
     .value = "0"},
    {.info = {"momentum", "optimizer", "M", "", NULL, "0", "below 1",
              "sgd, rngd: the share of the last step that the next one keeps."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.momentum),
     .methods = RFIM__FOR_SGD | RFIM__FOR_RNGD,
     .value = "0"},
    {.info = {"momentum-kind", "optimizer", "KIND", "", "after|before|nesterov|spring", NULL, NULL,
              "sgd, rngd: after, of the directions that the metric has made (heavy ball); before, "
              "the metric gets the mean of the gradients; nesterov, after, and one step ahead; "
              "spring (rngd), damping pulls each layer's direction towards MOMENTUM times its "
              "last one."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.momentum_kind),
     .methods = RFIM__FOR_SGD | RFIM__FOR_RNGD,
     .value = "after"},
    {.info = {"l2", "optimizer", "BETA", "", NULL, "0", NULL,
              "Adds BETA |W|^2 / 2 to the cost, over all weights but biases (coupled: its gradient "
              "goes through the method)."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.l2),
     .methods = RFIM__FOR_ALL,
     .value = "0"},
    {.info = {"weight-decay", "optimizer", "RATE", "", NULL, "0", NULL,
              "Each step shrinks the weights, but not biases, by learning rate x RATE of "
              "themselves (decoupled: beside the method)."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.weight_decay),
     .methods = RFIM__FOR_ALL,
     .value = "0"},
    {.info = {"adam-beta1", "optimizer", "B", "", NULL, "0", "below 1",
              "adam: decay of the mean of the gradients."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.adam_beta1),
     .methods = RFIM__FOR_ADAM,
     .value = "0.9"},
    {.info = {"adam-beta2", "optimizer", "B", "", NULL, "0", "below 1",
              "adam: decay of the mean of their squares."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.adam_beta2),
     .methods = RFIM__FOR_ADAM,
     .value = "0.999"},
    {.info = {"adam-epsilon", "optimizer", "EPS", "", NULL, "above 0", NULL,
              "adam: what the root of the squares gets added before it divides."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.adam_epsilon),
     .methods = RFIM__FOR_ADAM,
     .value = "1e-8"},
    {.info = {"representation", "optimizer", "NAME", "", "shared|neuron|kronecker", NULL, NULL,
              "rngd: the metric of the hidden layers: one block for each neuron, one that all "
              "neurons of a layer share, or a Kronecker product: a block of the inputs, one of the "
              "outputs."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.hidden),
     .methods = RFIM__FOR_RNGD,
     .value = "shared"},
    {.info = {"representation-first", "optimizer", "NAME", "", "shared|neuron|kronecker", NULL,
              NULL, "rngd: the metric of the first linear layer."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.first),
     .methods = RFIM__FOR_RNGD,
     .value = "shared"},
    {.info = {"representation-last", "optimizer", "NAME", "", "shared|neuron|kronecker", NULL, NULL,
              "rngd: the metric of the last linear layer."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.last),
     .methods = RFIM__FOR_RNGD,
     .value = "shared"},
    {.info =
         {"response", "optimizer", "RESPONSE", "", RFIM__RESPONSE_CHOICES, NULL, NULL,
          "rngd: whose sensitivity the metrics measure: own, each layer's own output; next, that "
          "of the next layer (the last has none: the network's); network, what the loss is "
          "-log p of. next and network want the representation kronecker or neuron. For all "
          "layers, or layer by layer: `layer1=next,network`."},
     .kind = RFIM__OPTION_LAYERS,
     TEXT_FIELD(optimizer.response),
     .methods = RFIM__FOR_RNGD,
     .value = "own"},
    {.info =
         {"curvature", "optimizer", "RULE", "", "exact|sampled", NULL, NULL,
          "rngd, responses next and network: how they are sent back to a layer: exact, once for "
          "each of their outputs; sampled, once in all, drawn anew at each collection."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.curvature),
     .methods = RFIM__FOR_RNGD,
     .value = "exact"},
    {.info =
         {"step-control", "optimizer", "RULE", "", "fixed|trust|response|quadratic|output", NULL,
          NULL,
          "rngd: how far a step goes along its directions: fixed, by the learning rate alone; "
          "trust, no farther than lets the responses of all layers together move by RHO; output, "
          "the same, nor farther than lets the network's outputs on the batch move by "
          "RHO-OUTPUT, which counts where there is no batch normalisation; response, so far that "
          "each layer's response moves by RHO; quadratic, learning rate "
          "times the way to where the batch's quadratic model is least along the direction and "
          "the last step. The schedule applies to all."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.step_control),
     .methods = RFIM__FOR_RNGD,
     .value = "output"},
    {.info =
         {"rho-output", "optimizer", "NUMBER", "", NULL, "above 0", NULL,
          "rngd, output: how far one step moves the network's outputs on its batch: the root of "
          "their squared movement, in units of the cost's curvature, over the fourth root of "
          "the number of outputs."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.rho_output),
     .methods = RFIM__FOR_RNGD,
     .value = "0.75"},
    {.info = {"rho", "optimizer", "SD", "", NULL, "above 0", NULL,
              "rngd, trust, output and response: how far one step moves a response, as a "
              "root-mean-square over samples and outputs."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.rho),
     .methods = RFIM__FOR_RNGD,
     .value = "0.025"},
    {.info =
         {"kappa", "optimizer", "SQUARE", "", NULL, "0", NULL,
          "rngd, trust and output: the squared length of a step in the metrics of all layers "
          "together; 0 takes RHO^2 times the number of outputs of the responses of all layers."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.kappa),
     .methods = RFIM__FOR_RNGD,
     .value = "0"},
    {.info = {"metric-pass", "optimizer", "RULE", "", "training|again", NULL, NULL,
              "rngd: read the metric off the training pass, or off a second forward pass on the "
              "batch with the new weights."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.metric_pass),
     .methods = RFIM__FOR_RNGD,
     .value = "training"},
    {.info =
         {"metric-average", "optimizer", "RULE", "", "exponential|corrected", NULL, NULL,
          "rngd: exponential, the prior fades at --metric-decay (the paper's); corrected, the "
          "prior counts as one collection in a plain mean, until that mean's memory is longer "
          "than --metric-decay's (of a first layer's inputs, which are the data, for good), and "
          "the first step has a metric already."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.metric_average),
     .methods = RFIM__FOR_RNGD,
     .value = "corrected"},
    {.info = {"metric-decay", "optimizer", "KEEP", "", NULL, "0", "below 1",
              "rngd: the share that the collected metric keeps of itself at each collection."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.metric_decay),
     .methods = RFIM__FOR_RNGD,
     .value = "0.95"},
    {.info = {"metric-prior", "optimizer", "SCALE", "", NULL, "0", NULL,
              "rngd: the collected metric begins as SCALE times the identity; 0: as the first "
              "collection, with --metric-average corrected."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.metric_prior),
     .methods = RFIM__FOR_RNGD,
     .value = "1"},
    {.info =
         {"metric-prior-samples", "optimizer", "N", "", NULL, "0", NULL,
          "rngd: that beginning is worth N samples: it is N / samples of a step times as much. 0: "
          "one collection, of however many."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.metric_prior_samples),
     .methods = RFIM__FOR_RNGD,
     .value = "200"},
    {.info = {"metric-units", "optimizer", "UNITS", "", "given|typical", NULL, NULL,
              "rngd: the units of a layer's inputs that prior and damping are meant in: as they "
              "come, or each input's typical size where it is active, so that changing the unit of "
              "a column changes nothing."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.metric_units),
     .methods = RFIM__FOR_RNGD,
     .value = "typical"},
    {.info = {"shared-nu", "optimizer", "NU", "", "one|mean", NULL, NULL,
              "rngd: what stands for nu, which tells how steep activations are, in a metric that "
              "the neurons of a layer share: 1, as if responses were linear, or its mean over "
              "neurons and samples."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.shared_nu),
     .methods = RFIM__FOR_RNGD,
     .value = "mean"},
    {.info = {"metric-every", "optimizer", "N", "steps", NULL, "1", NULL,
              "rngd: collect the metric at every N-th step."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(optimizer.metric_every),
     .methods = RFIM__FOR_RNGD,
     .value = "10"},
    {.info = {"refresh-every", "optimizer", "N", "steps", NULL, "1", NULL,
              "rngd: factorise what has been collected at every N-th step of an epoch, the first "
              "included."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(optimizer.refresh_every),
     .methods = RFIM__FOR_RNGD,
     .value = "50"},
    {.info = {"metric-ramp", "optimizer", "N", "steps", NULL, "0", NULL,
              "rngd: over the first N steps collect and refresh more often, with periods that grow "
              "from 1 to --metric-every and --refresh-every: weights move fastest then. "
              "--metric-decay stays that of --metric-every steps."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(optimizer.metric_ramp),
     .methods = RFIM__FOR_RNGD,
     .value = "200"},
    {.info =
         {"damping", "optimizer", "EPS", "", NULL, "0", NULL,
          "rngd: what is added to the metric's diagonal before it is inverted, relative to "
          "the scale that --damping-relative-to names; 0 takes 0.025 / samples of a step and, with "
          "--step-control output and --kappa 0, where there are fewer than 4 training samples an "
          "input, up to 150 times as much; RHO and the learning rate grow then as well."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.damping),
     .methods = RFIM__FOR_RNGD,
     .value = "0"},
    {.info = {"dataset-samples", "optimizer", "N", "samples", NULL, "0", NULL,
              "rngd, memory dataset: the metric is that of N training samples for each input, "
              "drawn evenly from all, or of more where that takes no time; 0: that of all."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(optimizer.dataset_samples),
     .methods = RFIM__FOR_RNGD,
     .value = "10"},
    {.info =
         {"damping-dataset", "optimizer", "SHARE", "", NULL, "0", NULL,
          "rngd, memory dataset: relative to the trace the damping is SHARE x inputs / training "
          "samples at least: a metric that does not change has no prior."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.damping_dataset),
     .methods = RFIM__FOR_RNGD,
     .value = "0.125"},
    {.info = {"damping-relative-to", "optimizer", "SCALE", "",
              "trace|mean-diagonal|diagonal|absolute", NULL, NULL,
              "rngd: the scale of the damping: the metric's trace, the mean of its diagonal, each "
              "diagonal entry for itself, or 1."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.damping_rule),
     .methods = RFIM__FOR_RNGD,
     .value = "trace"},
    {.info = {"damping-control", "optimizer", "RULE", "", "fixed|lm", NULL, NULL,
              "rngd: fixed, EPS is that of the whole run; lm (Levenberg-Marquardt, with "
              "--step-control quadratic), every five steps it falls where the model has predicted "
              "the decrease of the batch's cost well, and rises where it has not."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(optimizer.damping_control),
     .methods = RFIM__FOR_RNGD,
     .value = "fixed"},
    {.info = {"sigma", "optimizer", "SD", "", NULL, "above 0", NULL,
              "rngd: the standard deviation of gaussian responses; the metric grows with 1/SD^2."},
     .kind = RFIM__OPTION_REAL,
     FIELD(optimizer.sigma),
     .methods = RFIM__FOR_RNGD,
     .value = "1"},
    {.info = {"metric-memory", "optimizer", "MEMORY", "", RFIM__MEMORY_CHOICES, NULL, NULL,
              "rngd: which samples a metric remembers: ema, an exponential mean over the "
              "collections; batch, those of the step alone; dataset, the training set, once "
              "for all (the first layer, shared); prior+batch, those of the step, and an "
              "exponential mean of the shared metric; automatic, dataset where it is possible and "
              "takes 1 GB at most (with --memory: that), else ema. For all layers, or layer by "
              "layer: `layer1=dataset,ema`."},
     .kind = RFIM__OPTION_LAYERS,
     TEXT_FIELD(optimizer.metric_memory),
     .methods = RFIM__FOR_RNGD,
     .value = "automatic"},
    {.info = {"form", "optimizer", "FORM", "", RFIM__FORM_CHOICES, NULL, NULL,
              "rngd: how a direction is worked out; forms of one metric agree up to rounding, and "
              "automatic takes the cheapest that serves (`rfim plan` tells which). For all layers, "
              "or layer by layer: `layer2=dual,automatic`."},
     .kind = RFIM__OPTION_LAYERS,
     TEXT_FIELD(optimizer.form),
     .methods = RFIM__FOR_RNGD,
     .value = "automatic"},
    {.info = {"refresh-delay", "optimizer", "N", "steps", NULL, "0", NULL,
              "rngd: metrics are refreshed by a thread of its own while training goes on, and "
              "taken over N steps later, below --refresh-every; 0: at once."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(optimizer.refresh_delay),
     .methods = RFIM__FOR_RNGD,
     .value = "0"},

    /* training */
    {.info = {"epochs", "training", "N", "epochs", NULL, "1", "1000000",
              "How often the training data are gone through."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(train.epochs),
     .methods = RFIM__FOR_ALL,
     .value = "20"},
    {.info = {"batch", "training", "N", "samples", NULL, "1", NULL, "Samples in one batch."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(train.batch),
     .methods = RFIM__FOR_ALL,
     .value = "50"},
    {.info = {"accumulate", "training", "N", "batches", NULL, "1", NULL,
              "N batches make one step, with the mean of their gradients and the metric of all of "
              "them: as one batch N times as large, in the memory of one."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(optimizer.accumulate),
     .methods = RFIM__FOR_ALL,
     .value = "1"},
    {.info = {"seed", "training", "SEED", "", NULL, "0", NULL,
              "The number from which initial weights, the order of batches, the paper split and "
              "sampled curvature are drawn."},
     .kind = RFIM__OPTION_SEED,
     FIELD(train.seed),
     .methods = RFIM__FOR_ALL,
     .value = "1"},
    {.info = {"weight-average", "training", "DECAY", "", NULL, "0", "below 1",
              "Evaluate and keep an exponential mean of the weights over the steps (EMA) in their "
              "place: each step the mean keeps DECAY of itself, 0.999 say, and the initial weights "
              "have no share; 0: the weights themselves."},
     .kind = RFIM__OPTION_REAL,
     FIELD(train.weight_average),
     .methods = RFIM__FOR_ALL,
     .value = "0"},
    {.info = {"eval-samples", "training", "N", "samples", NULL, "0", NULL,
              "Evaluate on the first N samples of each split after an epoch; 0 takes all."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(train.eval_samples),
     .methods = RFIM__FOR_ALL,
     .value = "0"},

    /* run */
    {.info = {"out", "run", "FOLDER", "", NULL, NULL, NULL,
              "Where the run is kept; when empty, runs/DATE-NETWORK-OPTIMIZER-SEED."},
     .kind = RFIM__OPTION_TEXT,
     TEXT_FIELD(run.out),
     .methods = RFIM__FOR_ALL,
     .value = ""},
    {.info = {"threads", "run", "N", "threads", NULL, "0", "1024",
              "Threads at work; 0 takes as many as this process may use. The result does not "
              "depend on it."},
     .kind = RFIM__OPTION_SIZE,
     FIELD(run.threads),
     .methods = RFIM__FOR_ALL,
     .value = "0"},
    {.info = {"kernels", "run", "NAME", "", "automatic|portable|avx2|avx512", NULL, NULL,
              "Instruction set of the kernels; automatic takes the best that this CPU has. Other "
              "kernels round differently."},
     .kind = RFIM__OPTION_CHOICE,
     FIELD(run.kernels),
     .methods = RFIM__FOR_ALL,
     .value = "automatic"},
    {.info = {"memory", "run", "BYTES", "bytes", NULL, "0", NULL,
              "What training may take, such as 500M or 2G: metrics take a smaller form where they "
              "must, and what does not fit at all is refused before it is allocated, once the data "
              "are open (`rfim plan` tells what a run takes); 0: no limit."},
     .kind = RFIM__OPTION_BYTES,
     FIELD(optimizer.memory),
     .methods = RFIM__FOR_ALL,
     .value = "0"},
    {.info = {"overwrite", "run", NULL, "", NULL, NULL, NULL,
              "Replace the run that is in the folder already."},
     .kind = RFIM__OPTION_SWITCH,
     FIELD(run.overwrite),
     .methods = RFIM__FOR_ALL,
     .value = "no"},
    {.info = {"quiet", "run", NULL, "", NULL, NULL, NULL, "Show no progress."},
     .kind = RFIM__OPTION_SWITCH,
     FIELD(run.quiet),
     .methods = RFIM__FOR_ALL,
     .value = "no"},
};

const size_t rfim__option_count = sizeof rfim__option_table / sizeof *rfim__option_table;

const rfim__option *rfim__option_find(const char *name)
{
    for (size_t index = 0; index < rfim__option_count; index++)
        if (strcmp(rfim__option_table[index].info.name, name) == 0)
            return &rfim__option_table[index];
    return NULL;
}

const char *rfim__option_nearest(const char *word)
{
    const char *best = NULL;
    for (size_t index = 0; index < rfim__option_count; index++)
        rfim__nearest_consider(word, rfim__option_table[index].info.name, &best);
    return best;
}
