#!/bin/sh
# Prints, as a Markdown table, what reproduce.sh has run: for every net, method and rate the mean
# over seeds (and half of the range) of the best validation accuracy, of the test accuracy at that
# epoch, and of the training cost and time at the end. The best rate of a method, by mean best
# validation accuracy, is marked with *.
#
#   recipes/icml2017/table.sh [FOLDER]      (default: runs/icml2017)
set -eu
out=${1:-runs/icml2017}

# One line a run: net-method rate, then best accuracy, test accuracy there, final cost, seconds.
for metrics in "$out"/*-80/rate-*/seed-*/metrics.jsonl; do
    run=${metrics#"$out"/}
    set -- $(echo "$run" | tr '/' ' ')
    if [ -f "$(dirname "$metrics")/diverged" ]; then
        echo "$1 ${2#rate-} diverged"
        continue
    fi
    tr -d '"{},:' <"$metrics" | awk -v name="$1 ${2#rate-}" '
        { for (k = 1; k < NF; k += 2) value[$k] = $(k + 1) }
        value["valid_accuracy"] > best {
            best = value["valid_accuracy"]; test = value["test_accuracy"]
        }
        END { print name, best, test, value["train_cost"], value["seconds"] }'
done | awk '
    { name = $1 " " $2; if (!(name in runs)) order[++names] = name }
    $3 == "diverged" { lost[name]++; runs[name]++; next }
    {
        runs[name]++
        for (k = 3; k <= 6; k++) {
            sum[name, k] += $k
            if (!((name, k) in low) || $k < low[name, k]) low[name, k] = $k
            if (!((name, k) in high) || $k > high[name, k]) high[name, k] = $k
        }
    }
    function mean(name, k) { return sum[name, k] / (runs[name] - lost[name]) }
    function half(name, k) { return (high[name, k] - low[name, k]) / 2 }
    END {
        for (i = 1; i <= names; i++) {
            name = order[i]; split(name, part, " ")
            if (lost[name] == 0 && mean(name, 3) > top[part[1]]) {
                top[part[1]] = mean(name, 3); best[part[1]] = name
            }
        }
        print "| net | rate | seeds | best validation accuracy, % | test accuracy there, % |" \
              " training cost at the end | seconds |"
        print "|---|---|---|---|---|---|---|"
        for (i = 1; i <= names; i++) {
            name = order[i]; split(name, part, " ")
            if (lost[name] > 0) {
                printf "| %s | %s | %d | %d diverged | | | |\n", part[1], part[2], runs[name], lost[name]
                continue
            }
            printf "| %s | %s%s | %d | %.2f ± %.2f | %.2f ± %.2f | %.4f ± %.4f | %.1f |\n", part[1],
                   part[2], best[part[1]] == name ? " *" : "", runs[name], 100 * mean(name, 3),
                   100 * half(name, 3), 100 * mean(name, 4), 100 * half(name, 4), mean(name, 5),
                   half(name, 5), mean(name, 6)
        }
    }'
