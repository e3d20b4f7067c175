import Genera

extension PFGMPP {
    /// A first look and a better one for a processor, and the trainings of PFGM++ and EDM (Karras et al., 2022, and the commands
    /// published with the code).
    public static let presets = [
        TrainingPreset(
            "draft", for: "first pictures of 32x32, 20 minutes on two cores",
            "--cbase 32 --cres 1,1,2,3 --nblock 1 --attn-resolutions none --dropout 0 --batch-size 32 --micro-batch 16 "
                + "--lr 2e-3 --lr-rampup-kimg 10 --ema-halflife-kimg 10 --steps 6000 --precision bf16 "
                + "--preview-every 1000 --log-every 50"),
        TrainingPreset(
            "evening", for: "as the models that ship, some hours on two cores",
            "--cbase 32 --cres 1,1,2,3 --nblock 1 --attn-resolutions none --dropout 0 --batch-size 32 --micro-batch 16 "
                + "--lr 1e-3 --lr-rampup-kimg 10 --ema-halflife-kimg 25 --steps 30000 --precision bf16 "
                + "--preview-every 2000 --log-every 50"),
        TrainingPreset(
            "points", for: "points in place of pictures; two minutes",
            "--arch toy --cbase 64 --steps 2000 --batch-size 256 --micro-batch 256 --lr 2e-3 --lr-rampup-kimg 10 --ema 0.02"
        ),
        TrainingPreset(
            "cifar10", for: "as published, 32x32; days on several GPUs",
            "--augment 0.12"),
        TrainingPreset(
            "ffhq64", for: "as published, 64x64 faces; days on several GPUs",
            "--cres 1,2,2,2 --batch-size 256 --lr 2e-4 --dropout 0.05 --augment 0.15"),
        TrainingPreset(
            "afhq64", for: "as EDM's, 64x64 animals; days on several GPUs",
            "--cres 1,2,2,2 --batch-size 256 --lr 2e-4 --dropout 0.25 --augment 0.15"),
        TrainingPreset(
            "imagenet64", for: "as EDM's, 64x64 by class; weeks on 32 GPUs",
            "--arch adm --cond --duration 2500 --batch-size 4096 --lr 1e-4 --ema 50 --dropout 0.1"),
    ]

    /// A draft on a processor; on a GPU the published training that is for the size.
    public static func preset(for options: PFGMPPTrainingOptions, _ run: RunContext) throws -> PresetChoice? {
        let points = PresetChoice("points", because: "\(options.data) holds points")
        if options.arch == "toy" || Examples.names.contains(options.data) { return points }
        // Arrays hold one or the other.
        if PointCloud.format(reading: options.data) != nil, (try? ImageDataset.load(options.data, limit: 1)) == nil {
            return points
        }
        let first = try ImageDataset.load(options.data, limit: 1)
        let size = "\(first.width)x\(first.height) pictures"
        guard run.device != .cpu else { return PresetChoice("draft", because: "\(size) and no GPU asked for") }
        return PresetChoice(first.height <= 32 ? "cifar10" : "ffhq64", because: "\(size) and \(run.device)")
    }
}
