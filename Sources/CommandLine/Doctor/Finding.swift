import Genera
import Imaging

/// One thing that Genera needs or can use, and whether it is here.
struct Finding {
    /// How things stand.
    enum State: String {
        /// It is here.
        case found
        /// It is not here, and some things cannot be done.
        case absent
        /// It is not here, and nothing can be drawn.
        case missing

        /// Before a line.
        var sign: String {
            switch self {
            case .found: "ok"
            case .absent: "--"
            case .missing: "!!"
            }
        }
    }

    let name: String
    let state: State
    let detail: String
    /// The line that changes it.
    var remedy: String?

    /// Everything, the most important first.
    static var all: [Finding] {
        [program] + engine + [processor, png, fftw, cairo, emojiFont, fonts, families, models]
    }

    private static var program: Finding { Finding(name: "Genera", state: .found, detail: Version.current) }

    private static var engine: [Finding] {
        do {
            let information = try Engine.information()
            let devices = information.cudaDeviceCount
            return [
                Finding(name: "engine", state: .found, detail: information.path),
                Finding(
                    name: "LibTorch", state: .found,
                    detail:
                        "\(information.torchVersion), \(information.capability), \(Engine.intraOpThreads) threads in one operation"
                ),
                Finding(
                    name: "CUDA", state: devices > 0 ? .found : .absent,
                    detail: devices > 0 ? "\(devices) devices" : "no device; everything runs on the processor"),
            ]
        } catch {
            let advice = "make engine    # in Genera's folder; it fetches LibTorch and builds the engine"
            return [Finding(name: "engine", state: .missing, detail: Failure(error).message, remedy: advice)]
        }
    }

    private static var processor: Finding {
        let facts = ProcessorFacts.current
        let features = facts.features.isEmpty ? "no wide vectors" : facts.features.joined(separator: ", ")
        return Finding(
            name: "processor", state: .found,
            detail: "\(facts.model), \(ThisProcess.processorCount) threads, \(features)")
    }

    private static var png: Finding {
        library("libpng", LinkedLibrary.png, "sudo apt-get install libpng-dev    # then build anew")
    }

    private static var cairo: Finding {
        library("Cairo", LinkedLibrary.cairo, "sudo apt-get install libcairo2-dev    # then build anew")
    }

    private static var fftw: Finding {
        library(
            "FFTW", LinkedLibrary.fftw,
            "sudo apt-get install libfftw3-dev    # then build with the trait FFTW; without it LibTorch's FFT is used")
    }

    private static func library(_ name: String, _ version: String?, _ remedy: String) -> Finding {
        Finding(
            name: name, state: version == nil ? .absent : .found, detail: version ?? "not linked",
            remedy: version == nil ? remedy : nil)
    }

    private static var emojiFont: Finding {
        do {
            return Finding(
                name: "emoji font", state: .found, detail: "\(try EmojiRenderer().characters.count.grouped) emoji")
        } catch {
            return Finding(
                name: "emoji font", state: .absent, detail: "Noto Color Emoji is not here",
                remedy: "sudo apt-get install fonts-noto-color-emoji")
        }
    }

    private static var fonts: Finding {
        do {
            return Finding(
                name: "fonts", state: .found, detail: "\(try GlyphRenderer().fontNames.count) that can be drawn")
        } catch {
            return Finding(
                name: "fonts", state: .absent, detail: "none that can be drawn",
                remedy: "sudo apt-get install fonts-dejavu-core")
        }
    }

    private static var families: Finding {
        let registry = CurrentRegistry.value
        let names = registry.families.map { $0.name }
        do { try registry.verify() } catch {
            return Finding(name: "families", state: .missing, detail: Failure(error).message)
        }
        return Finding(
            name: "families", state: names.isEmpty ? .absent : .found,
            detail: names.isEmpty ? "none in this build" : names.joined(separator: ", "))
    }

    private static var models: Finding {
        let names = CheckpointStore.standard.models.map(\.name)
        let folders = CheckpointStore.standard.folders.joined(separator: ", ")
        return Finding(
            name: "models", state: names.isEmpty ? .absent : .found,
            detail: names.isEmpty ? "none in \(folders)" : names.joined(separator: ", "),
            remedy: names.isEmpty ? "export GENERA_MODELS=FOLDER    # a folder of .safetensors files" : nil)
    }
}
