import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.Parser;
import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs a preview1 module in Chicory:
 *
 * <pre>java -cp JARS Run.java MODULE FOLDER [ARG...]     FOLDER is /data to the module</pre>
 */
public class Run {
    public static void main(String[] args) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("app"));
        arguments.addAll(Arrays.asList(args).subList(2, args.length));
        // On the file system of the operating system, Chicory can rename nothing. Its users are told to use Jimfs.
        Path folder = Path.of(args[1]);
        Path data = Jimfs.newFileSystem(Configuration.unix().toBuilder().setAttributeViews("unix").build()).getPath("/data");
        copy(folder, data);
        var options = WasiOptions.builder()
                .withStdin(new Input())
                .withStdout(System.out)
                .withStderr(System.err)
                .withArguments(arguments)
                .withDirectory("/data", data);
        if (System.getenv("TITLE") != null) {
            options = options.withEnvironment("TITLE", System.getenv("TITLE"));
        }
        int status = 0;
        try (var wasi = WasiPreview1.builder().withOptions(options.build()).build()) {
            var imports = ImportValues.builder().addFunction(wasi.toHostFunctions()).build();
            // Calls _start.
            Instance.builder(Parser.parse(new File(args[0]))).withImportValues(imports).build();
        } catch (WasiExitException e) {
            status = e.exitCode();
        }
        copy(data, folder);
        System.out.flush();
        System.exit(status);
    }

    static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Path copy = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(path, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /** Standard input that can always be read. Chicory waits until something is available, at the end for ever. */
    static class Input extends FilterInputStream {
        Input() {
            super(System.in);
        }

        @Override
        public int available() throws IOException {
            return Math.max(1, super.available());
        }
    }
}
