# What the studies share. Figures go to $OUT as .json and are not measured again when they are there.
#   GENERA  the program            MNIST  folder of t10k-images-idx3-ubyte.gz and its labels
#   OUT     folder of the figures  RUNS   folder of the trainings  DIGITS  the checkpoint of digits to look at
set -euo pipefail
genera=${GENERA:-.build/release/genera} mnist=${MNIST:-data/mnist} out=${OUT:-runs/studies} runs=${RUNS:-runs/studies}
extractor=${EXTRACTOR:-digits-classifier} count=${COUNT:-500} halves=${HALVES:-100}
mkdir -p "$out"

# measure NAME OPTIONS...: the measures of digits in the classifier's features, to $out/NAME.json
measure() {
  local name=$1
  shift
  if [ -e "$out/$name.json" ]; then return 0; fi
  "$genera" evaluate pfgmpp --reference "$mnist/t10k-images-idx3-ubyte.gz" --extractor "$extractor" --count "$count" \
    --bootstrap "$halves" --workers "${WORKERS:-1}" --measures label-agreement,frechet,precision,recall,density,coverage,spectrum \
    --out "$out/$name.part.json" --force -q "$@"
  mv "$out/$name.part.json" "$out/$name.json"
}

# vary NAME OPTION "VALUES" OPTIONS...: the same for each value of an option, each in a file of its own: $out/NAME-VALUE.json
vary() {
  local name=$1 option=$2 values=$3 value
  shift 3
  for value in $values; do measure "$name-$value" --sweep "$option=$value" "$@"; done
}

# train_small RUN SEED OPTIONS...: the small network of the studies on the first 9,000 digits; options given win over its own. A run
# that is there is gone on with, one that is done is left alone.
train_small() {
  local run=$1 seed=$2
  shift 2
  if [ -e "$run/done" ]; then return 0; fi
  if [ -e "$run/config.yaml" ]; then
    "$genera" train pfgmpp --resume "$run" --workers 1 -q
  else
    "$genera" train pfgmpp --data "$mnist/t10k-images-idx3-ubyte.gz" --max-images 9000 --cond --cbase 16 --cres 1,1,2 --nblock 1 \
      --attn-resolutions none --dropout 0 --steps 2000 --batch 32 --micro-batch 32 --lr 2e-3 --lr-rampup-kimg 5 --ema-halflife-kimg 5 \
      --ema-rampup-ratio 0.1 --checkpoint-every 1000 --keep 1 --preview-every 0 --log-every 50 --seed "$seed" --precision bf16 \
      --workers 1 --out "$run" -q "$@"
  fi
  touch "$run/done"
}
