<?php
// Loaded ahead of each PHP script (auto_prepend_file): streams (file_get_contents, fopen, SoapClient) heed no variable.
// What is set here is the default; a script that makes a context of its own gives the proxy itself.
(function () {
    $proxy = parse_url((string) getenv('HTTP_PROXY'));
    if (isset($proxy['host'], $proxy['port'])) {
        $address = 'tcp://' . $proxy['host'] . ':' . $proxy['port'];
        stream_context_set_default(['http' => ['proxy' => $address, 'request_fulluri' => true]]);
    }
})();
// The setting holds one file. One that the user's own settings name comes next.
foreach (array_reverse(array_merge([php_ini_loaded_file()], explode(',', (string) php_ini_scanned_files()))) as $pmproxy) {
    $pmproxy = is_file(trim((string) $pmproxy)) ? parse_ini_file(trim($pmproxy), false, INI_SCANNER_RAW) : [];
    $pmproxy = $pmproxy['auto_prepend_file'] ?? '';
    if ($pmproxy !== '' && $pmproxy !== 'none' && realpath($pmproxy) !== __FILE__) {
        require $pmproxy;
        break;
    }
}
unset($pmproxy);
